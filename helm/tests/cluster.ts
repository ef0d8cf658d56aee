import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { cacheFolder, crdFolder, helmProgram } from './render.ts'

const script = join(import.meta.dirname, '../cluster.sh')

/** True when `helm/cluster.sh install` has built the control plane. */
export const haveCluster = existsSync(join(cacheFolder, 'cluster', 'complete'))

/** A real Kubernetes control plane on loopback; its nodes are kwok's, on which pods run without a container. */
export class Cluster {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tocsin-cluster-'))
  #kubeconfig = ''
  #server = ''
  #token = ''

  /** Starts it. Throws with the script's own words when it does not come up. */
  start(): void {
    this.#kubeconfig = execFileSync(script, ['up', join(this.#folder, 'state')], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }).trim()
    const config = parse(readFileSync(this.#kubeconfig, 'utf8')) as {
      clusters: [{ cluster: { server: string } }]
      users: [{ user: { token: string } }]
    }
    this.#server = config.clusters[0].cluster.server
    this.#token = config.users[0].user.token
  }

  stop(): void {
    execFileSync(script, ['down', join(this.#folder, 'state')])
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Runs helm against it; gives exit code and both outputs. */
  async helm(...args: string[]): Promise<{ code: number; output: string; errors: string }> {
    const words = [...args, '--kubeconfig', this.#kubeconfig]
    const { promise, resolve } = Promise.withResolvers<{ code: number; output: string; errors: string }>()
    execFile(helmProgram, words, { timeout: 120_000 }, (error, output, errors) =>
      resolve({ code: error === null ? 0 : 1, output, errors }),
    )
    return promise
  }

  /** Makes the server know the objects of the operators that the chart may write for. */
  async installCrds(): Promise<void> {
    const files = readdirSync(crdFolder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'))
    for (const file of files) {
      for (const document of parseAllDocuments(readFileSync(join(crdFolder, file), 'utf8'))) {
        const definition = document.toJS() as { kind?: string } | null
        if (definition?.kind !== 'CustomResourceDefinition') continue
        const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
        const { status, body } = await this.ask('POST', path, definition)
        if (status !== 201) throw new Error(`${file} was refused: ${body.message}`)
      }
    }
  }

  /** Asks the API server; gives status and the decoded answer. */
  async ask(method: string, path: string, body?: object): Promise<{ status: number; body: Answer }> {
    const ca = readFileSync(join(this.#folder, 'state', 'ca.crt'))
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: Answer }>()
    const headers = {
      authorization: `Bearer ${this.#token}`,
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
    }
    const sent = request(`${this.#server}${path}`, { method, ca, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as Answer,
        }),
      )
    })
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
    return promise
  }
}

/** What the tests look for in an answer of the API server. */
export interface Answer {
  message?: string
  items?: {
    kind?: string
    metadata: { name: string; labels?: Record<string, string> }
    type?: string
    reason?: string
    message?: string
    status?: { phase?: string; readyReplicas?: number }
    spec?: { replicas?: number }
  }[]
}
