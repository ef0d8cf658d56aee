import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { RegistryConstituent, RuleSet, Ticket } from '@tocsin/events'
import { manualClock } from '@tocsin/runtime'
import { harnessOf } from '@tocsin/stage/testing'
import { type FtpsServer, startFtps } from '@tocsin/test/support/ftps'
import { FtpsTransport } from '../src/adapters/ftps.ts'
import { createExporter } from '../src/exporter.ts'
import { buildLists, type Lists } from '../src/feeds/tw-nccst-1.3/lists.ts'
import type { SendResult, Transport, UploadJob } from '../src/transport.ts'
import type { ProfileState } from '../src/upload.ts'
import { constituent, contracts, defaultRuleSet, detection, NOW, profile, source, validator } from './fixtures.ts'

const base = mkdtempSync(join(tmpdir(), 'tocsin-exporter-'))
const schema = validator()
const running: { stop(): Promise<void> | void }[] = []
after(async () => {
  for (const one of running) await one.stop()
  schema.dispose()
  rmSync(base, { recursive: true })
})

let servers = 0
export async function startServer(
  options: { mode?: 'explicit' | 'write-only'; dir?: string; port?: number } = {},
): Promise<FtpsServer> {
  const server = await startFtps({ ...options, dir: options.dir ?? join(base, String(servers++)) })
  running.push(server)
  return server
}

/** The real transport, watched: `idle` resolves when nothing is on the way. */
class WatchedTransport implements Transport {
  readonly address: string
  readonly #inner: FtpsTransport
  #last: Promise<unknown> = Promise.resolve()
  readonly jobs: string[] = []

  constructor(inner: FtpsTransport) {
    this.#inner = inner
    this.address = inner.address
  }

  send(job: UploadJob): Promise<SendResult> {
    this.jobs.push(job.id)
    const sent = this.#inner.send(job)
    this.#last = sent
    return sent
  }

  async idle(): Promise<void> {
    await this.#last
    // The desk takes the answer in a callback of the same promise.
    await Promise.resolve()
  }
}

interface World {
  server: FtpsServer
  profileState?: ProfileState
  constituents?: readonly RegistryConstituent[]
  ruleSets?: readonly RuleSet[]
  /** Looked at every time, as the account's file is. */
  account?: () => { state: ProfileState; confirmed: unknown }
  keepLists?: (lists: Lists, at: number) => void
}

export function exporterAt({
  server,
  profileState = 'production',
  constituents = [constituent()],
  ruleSets = [defaultRuleSet()],
  account,
  keepLists,
}: World) {
  const clock = manualClock(NOW)
  const inner = new FtpsTransport(
    {
      host: server.host,
      port: server.port,
      user: server.user,
      password: server.password,
      ca: readFileSync(server.caFile, 'utf8'),
      implicit: false,
      directory: '',
      idleTimeoutMs: 3_000,
    },
    clock,
  )
  running.push({ stop: () => inner.close() })
  const transport = new WatchedTransport(inner)
  const bodies = new Map(constituents.map((one) => [one.constituentId, one]))
  let lists = buildLists(profile.organization, constituents, ruleSets)
  let state = profileState
  const definition = createExporter({
    profile,
    profileState: () => account?.().state ?? state,
    isConfirmed: () => account === undefined || account().confirmed !== null,
    ...(keepLists === undefined ? {} : { keepLists }),
    validator: schema,
    constituents: bodies,
    sources: new Map([['C017', source()]]),
    lists: () => lists,
    contracts: contracts(),
    deployment: 'tw-centre',
    transport,
  })
  const harness = harnessOf(definition, NOW)
  /** Ticks with time going on until nothing is on the way and nothing new starts. */
  const settle = async (turns = 6): Promise<void> => {
    for (let turn = 0; turn < turns; turn++) {
      clock.advance(250)
      await harness.tick(clock.now())
      await transport.idle()
    }
  }
  return {
    ...harness,
    /** A partition without records has no task in the harness; one detection that is no ticket makes it. */
    wake: () => harness.give('detections', 'tw-ey', detection({ detectionId: 'none', level: 'low' })),
    clock,
    transport,
    settle,
    become(next: ProfileState) {
      state = next
    },
    publish(changed: readonly RegistryConstituent[], sets: readonly RuleSet[]) {
      lists = buildLists(profile.organization, changed, sets)
    },
    tickets: (): Map<string, Ticket> => new Map(harness.written('tickets').map((ticket) => [ticket.ticketId, ticket])),
  }
}

export const incidents = (server: FtpsServer): string[] =>
  readdirSync(join(server.root, 'incident')).toSorted((a, b) => (a < b ? -1 : 1))

export const detectionOf = (index: number, changes: Parameters<typeof detection>[0] = {}) =>
  detection({ detectionId: `d-${index}`, ...changes })

/** What the server took, in order: paths of the finished uploads. */
export const uploads = (server: FtpsServer): (string | undefined)[] =>
  [...server.log().matchAll(/OK UPLOAD: .*?root\/(\S+?)\.part"/g)].map(([, path]) => path)
