import { createHash, timingSafeEqual } from 'node:crypto'
import type { SensorPack, SensorState } from '@tocsin/events'
import { z } from 'zod'

/** Who may ask for packs: a sensor, its body, its groups, and the SHA-256 of its token. */
export const enrolledSchema = z
  .array(
    z.strictObject({
      sensor: z.string().min(1).max(200),
      constituent: z.string().min(1).max(200),
      groups: z.array(z.string().min(1).max(40)).max(50),
      tokenSha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits'),
    }),
  )
  .max(20_000)

export type Enrolled = z.infer<typeof enrolledSchema>[number]

/** Words of a sensor end in tables and terminals: nothing that could move one, or begin another row, is kept. */
const line = z
  .string()
  .max(1_000)
  .transform((text) => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' '))
/** What a sensor says of itself. */
export const reportSchema = z.strictObject({
  everySeconds: z.int().min(1).max(86_400),
  agentVersion: line,
  sensorVersion: line.nullable(),
  configHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  packs: z
    .array(
      z.strictObject({
        name: line,
        version: line,
        state: z.enum(['applied', 'refused', 'removed']),
        message: line.nullable(),
        at: z.int(),
      }),
    )
    .max(200),
})

export type SensorReport = z.infer<typeof reportSchema>

/** A pack as a sensor gets it. */
export interface OfferedPack {
  name: string
  version: string
  /** Base64 of the archive. */
  archive: string
}

/** An answer to a sensor. */
export interface Answer {
  status: 200 | 204 | 400 | 401 | 404
  body: unknown
  /** To be kept under the sensor's id. */
  state?: SensorState
}

/** The desk at which sensors ask for what they are to have and say what became of it. Pure: the server around it knows the network. */
export class SensorDesk {
  readonly #enrolled: ReadonlyMap<string, Enrolled>
  readonly #packs: () => Iterable<SensorPack>

  constructor(enrolled: readonly Enrolled[], packs: () => Iterable<SensorPack>) {
    this.#enrolled = new Map(enrolled.map((row) => [row.sensor, row]))
    this.#packs = packs
  }

  /** `GET /sensors/<id>/packs` and `POST /sensors/<id>/state`; a sensor is told nothing of another, not even that it is there. */
  answer(request: { method: string; path: string; token: string; body: string; nowMs: number }): Answer {
    const [id, what] = placeOf(request.path)
    const sensor = this.#authenticated(id, request.token)
    if (sensor === null) return { status: 401, body: { message: 'Unknown sensor or token.' } }
    if (what === 'packs' && request.method === 'GET') return { status: 200, body: { packs: this.offered(sensor) } }
    if (what === 'state' && request.method === 'POST') return stateOf(sensor, request.body, request.nowMs)
    return { status: 404, body: { message: 'Ask for packs or give a state.' } }
  }

  /** Whether the token is that of the sensor whose place is asked for: of nobody else is a body read. */
  admits(path: string, token: string): boolean {
    return this.#authenticated(placeOf(path)[0], token) !== null
  }

  /** The packs of a sensor's groups, by name; of two groups with a pack of one name the later push wins. */
  offered({ groups }: Enrolled): OfferedPack[] {
    const byName = new Map<string, SensorPack>()
    for (const pack of this.#packs()) {
      if (pack.deleted || !groups.includes(pack.group)) continue
      const known = byName.get(pack.name)
      if (known === undefined || known.pushedAt < pack.pushedAt) byName.set(pack.name, pack)
    }
    return [...byName.values()]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, version, archive }) => ({ name, version, archive: archive.toString('base64') }))
  }

  #authenticated(id: string, token: string): Enrolled | null {
    const sensor = this.#enrolled.get(id)
    const given = createHash('sha256').update(token).digest()
    // An unknown sensor costs the same time as a wrong token.
    const wanted = Buffer.from(sensor?.tokenSha256 ?? '0'.repeat(64), 'hex')
    return timingSafeEqual(given, wanted) && sensor !== undefined ? sensor : null
  }
}

/** The sensor's id and what of it is asked for; both empty where the path is none. */
function placeOf(path: string): readonly [id: string, what: string] {
  const [, id = '', what = ''] = /^\/sensors\/([^/]{1,600})\/(packs|state)$/.exec(path) ?? []
  return [decoded(id), what]
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return ''
  }
}

function stateOf({ sensor, constituent, groups }: Enrolled, body: string, nowMs: number): Answer {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return { status: 400, body: { message: 'The report is no JSON.' } }
  }
  const report = reportSchema.safeParse(json)
  if (!report.success) return { status: 400, body: { message: z.prettifyError(report.error) } }
  return {
    status: 204,
    body: null,
    state: { sensorId: sensor, constituent, groups, reportedAt: nowMs, ...report.data },
  }
}
