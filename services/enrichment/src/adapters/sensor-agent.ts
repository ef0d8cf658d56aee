import { readFileSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { request as plain } from 'node:http'
import { request as tls } from 'node:https'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { messageOf, TocsinError } from '@tocsin/runtime'
import { z } from 'zod'
import { filesOf } from '../sensors/pack.ts'
import type { SensorReport } from '../sensors/sensor-desk.ts'
import { applyPack, configHashOf, removePack, versionPrinted } from './pack-folder.ts'

const command = z.array(z.string().max(10_000)).min(1).max(50).optional()
/** The configuration file of an agent. */
export const agentSchema = z.strictObject({
  sensor: z.string().min(1).max(200),
  centre: z.url(),
  tokenFile: z.string().min(1),
  caFile: z.string().min(1).optional(),
  /** Folder of the packs: each in a folder of its own name, which the sensor's configuration includes. */
  folder: z.string().min(1),
  everySeconds: z.int().min(5).max(86_400).default(60),
  version: command,
  configFiles: z.array(z.string().min(1)).max(100).default([]),
  check: command,
  reload: command,
})

export type AgentConfig = z.infer<typeof agentSchema>
type PackResult = SensorReport['packs'][number]

const offer = z.object({
  packs: z.array(z.object({ name: z.string(), version: z.string(), archive: z.string() })).max(200),
})
const maxAnswerBytes = 256 * 1_048_576
const timeoutMs = 60_000
const packName = /^[a-z0-9][a-z0-9-]{0,39}$/

/**
 * One turn of the agent beside a sensor: asks for the packs of its groups, puts in place what is new, takes away what is no longer offered, and says
 * what became of each, with the sensor's version and the hash of its configuration. Results are kept in the folder, so that a restart tries nothing again.
 */
export async function agentTurn(config: AgentConfig, agentVersion: string, nowMs: () => number): Promise<PackResult[]> {
  const { sensor, centre, folder, everySeconds } = config
  const token = (await readFile(config.tokenFile, 'utf8')).trim()
  const path = `/sensors/${encodeURIComponent(sensor)}`
  const ask = (method: string, what: string, body?: string): Promise<string> =>
    send(new URL(path + what, centre), method, token, config.caFile, body)
  const { packs } = offer.parse(JSON.parse(await ask('GET', '/packs')))
  const known = await resultsIn(folder)
  const results: PackResult[] = []
  for (const { name, version, archive } of packs) {
    const before = known.find((result) => result.name === name)
    if (before?.version === version && before.state !== 'removed') results.push(before)
    else results.push(await tried(config, name, version, Buffer.from(archive, 'base64'), nowMs()))
  }
  for (const { name, version, state } of known) {
    // What was refused for its name has no folder: nothing outside of the packs is ever taken away.
    if (state === 'removed' || !packName.test(name) || packs.some((pack) => pack.name === name)) continue
    await removePack(folder, name, config)
    results.push({ name, version, state: 'removed', message: null, at: nowMs() })
  }
  await keepResults(folder, results)
  const sensorVersion = await versionPrinted(config.version)
  const configHash = await configHashOf(config.configFiles)
  const report: SensorReport = { everySeconds, agentVersion, sensorVersion, configHash, packs: results }
  await ask('POST', '/state', JSON.stringify(report))
  return results
}

/** Waits until the agent is to ask again, or for the stop. */
export async function untilNextTurn({ everySeconds }: AgentConfig, signal: AbortSignal): Promise<void> {
  await pause(everySeconds * 1_000, undefined, { signal }).catch(() => {})
}

async function tried(
  config: AgentConfig,
  name: string,
  version: string,
  archive: Buffer,
  at: number,
): Promise<PackResult> {
  try {
    if (!packName.test(name)) throw new TocsinError('sensor_pack_refused', 'Its name is none of a pack.')
    await applyPack(config.folder, name, filesOf(archive, version), config)
    return { name, version, state: 'applied', message: null, at }
  } catch (error) {
    return { name, version, state: 'refused', message: messageOf(error).slice(0, 500), at }
  }
}

const resultsFile = (folder: string): string => join(folder, '.tocsin-packs.json')

async function resultsIn(folder: string): Promise<PackResult[]> {
  const text = await readFile(resultsFile(folder), 'utf8').catch(() => '[]')
  return JSON.parse(text) as PackResult[]
}

async function keepResults(folder: string, results: readonly PackResult[]): Promise<void> {
  const fresh = `${resultsFile(folder)}.new`
  await writeFile(fresh, JSON.stringify(results), { flush: true })
  await rename(fresh, resultsFile(folder))
}

function send(url: URL, method: string, token: string, caFile: string | undefined, body?: string): Promise<string> {
  const isLocal = url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(url.hostname)
  if (url.protocol !== 'https:' && !isLocal)
    throw new TocsinError('centre_unreachable', `${url.host} would be asked without TLS; the centre must be https.`)
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(
        new TocsinError('centre_unreachable', `The centre ${url.host} did not answer: ${messageOf(cause)}.`, cause),
      )
    const ca = caFile === undefined ? {} : { ca: readFileSync(caFile) }
    const call = (url.protocol === 'https:' ? tls : plain)(
      url,
      { method, headers, timeout: timeoutMs, ...ca },
      (response) => {
        const chunks: Buffer[] = []
        let octets = 0
        response.on('data', (chunk: Buffer) => {
          octets += chunk.length
          if (octets > maxAnswerBytes) call.destroy(new Error('its answer is too large'))
          else chunks.push(chunk)
        })
        response.on('error', fail)
        response.on('end', () => {
          const status = response.statusCode ?? 0
          if (status >= 200 && status < 300) resolve(Buffer.concat(chunks).toString('utf8'))
          else fail(new Error(`it answered ${status}`))
        })
      },
    )
    call.on('timeout', () => call.destroy(new Error(`nothing came for ${timeoutMs} ms`)))
    call.on('error', fail)
    call.end(body)
  })
}
