import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { ClockEvent, Delivery, IncidentChange, Request } from '@tocsin/events'
import {
  faultText,
  loadTimeline,
  type Pack,
  parseDuration,
  type SimulatedEvent,
  simulate,
  unconfirmedOf,
} from '@tocsin/obligations'
import { advanceClockFile, type Command, type CommandIo, TocsinError } from '@tocsin/runtime'
import type { Edition } from '../law-book.ts'
import { timelineOfCases } from '../replay-cases.ts'
import { verifyClocks } from '../verify-clocks.ts'
import { loadLaw, loadLaws, refusalText } from './packs.ts'

const packsFolder = join(dirname(fileURLToPath(import.meta.url)), '../../../../regulations')
const MAX_TIMELINE_BYTES = 64 * 1024 * 1024
const GRACE_MS = 5_000

/** Clock events of a timeline, or of the cases of the last weeks, under a pack. */
export const clocksSimulate: Command = {
  name: 'clocks simulate',
  summary: 'run the legal clocks of a timeline, or of past incidents, under a pack',
  usage:
    'clocks simulate --pack PACK [--breaches] [FILE] | clocks simulate --pack PACK --past [--days N] [--of PACK] [--all]',
  examples: [
    'tocsin clocks simulate --pack kz-order-199 timeline.yaml',
    'tocsin clocks simulate --pack regulations/eu-nis2 --breaches < timeline.json',
    'tocsin clocks simulate --pack drafts/kz-order-2027 --past --days 31',
    'tocsin clocks simulate --pack eu-nis2 --past --of kz-order-199',
  ],
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        pack: { type: 'string' },
        breaches: { type: 'boolean', default: false },
        past: { type: 'boolean', default: false },
        days: { type: 'string', default: '31' },
        of: { type: 'string' },
        all: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    })
    if (values.pack === undefined) return wrong(io.stderr, 'Name the pack: --pack kz-order-199, or a folder.')
    const root = values.pack.includes('/') ? dirname(values.pack) : packsFolder
    const loaded = loadLaw(root, basename(values.pack))
    if ('faults' in loaded) throw new TocsinError('pack_refused', refusalText(values.pack, loaded.faults))
    const { pack } = loaded.law
    if (values.past) {
      const days = Number(values.days)
      if (!Number.isInteger(days) || days < 1 || days > 3_650)
        return wrong(io.stderr, '--days is a whole number from 1 to 3650.')
      return simulatePast(io, pack, days, values.of ?? null, values.all)
    }
    const path = positionals[0] ?? '-'
    const content = path === '-' ? await text(io.stdin) : readFileSync(path, 'utf8')
    if (content.length > MAX_TIMELINE_BYTES)
      throw new TocsinError('bad_timeline', `${path} is longer than ${MAX_TIMELINE_BYTES} characters.`)
    const timeline = loadTimeline(content, path)
    if (!timeline.ok)
      throw new TocsinError('bad_timeline', `The timeline is refused: ${timeline.faults.map(faultText).join('; ')}.`)
    printEvents(io, simulate(pack, timeline.timeline).events, values.breaches)
    return 0
  },
}

/** What would have been missed if the pack had been in force: the cases of the last `days` days, from the topics. */
async function simulatePast(io: CommandIo, pack: Pack, days: number, of: string | null, all: boolean): Promise<number> {
  const { openKafkaForCommand } = await import('@tocsin/stage/kafka')
  const kafka = await openKafkaForCommand(io.env)
  try {
    const constituents = await kafka.table('registry-constituents')
    const changes: IncidentChange[] = []
    const following = await kafka.follow(['incident-changes'], { from: 'beginning' }, ({ value }) => {
      if (value !== null) changes.push(value)
    })
    await following.caughtUp
    await following.close()
    const until = kafka.clock.now()
    const wish = { from: until - days * 86_400_000, until, of }
    const registry = { constituent: (id: string) => constituents.get(id) }
    const { timeline, unreadable } = timelineOfCases(changes, pack, registry, wish)
    const { events, clocks } = simulate(pack, timeline)
    printEvents(io, events, !all)
    const missed = events.filter(({ what }) => what === 'breached').length
    io.stderr.write(
      `${timeline.cases.length} cases of ${days} days, ${clocks.length} clocks, ${missed} would have been missed under ${pack.id} ${pack.version}${unreadable === 0 ? '' : `; ${unreadable} cases could not be read`}\n`,
    )
    return 0
  } finally {
    await kafka.close()
  }
}

function printEvents(io: CommandIo, events: readonly SimulatedEvent[], onlyBreaches: boolean): void {
  for (const event of events)
    if (!onlyBreaches || event.what === 'breached') io.stdout.write(`${JSON.stringify(event)}\n`)
}

/** The packs that are there, since when each is in force, and what a person still has to check in them. */
export const clocksPacks: Command = {
  name: 'clocks packs',
  summary: 'list the regulation packs, and what in them is to be confirmed',
  usage: 'clocks packs [--folder FOLDER]',
  examples: ['tocsin clocks packs'],
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: { folder: { type: 'string' } } })
    const { laws, refused } = loadLaws(values.folder ?? packsFolder)
    for (const { pack } of laws.all) {
      io.stdout.write(
        `${pack.id} ${pack.version}, in force from ${pack.effectiveFrom} to ${pack.effectiveTo ?? 'further notice'}\n`,
      )
      for (const line of unconfirmedOf(pack)) io.stdout.write(`  to be confirmed: ${line}\n`)
    }
    for (const { folder, faults } of refused) io.stdout.write(`${refusalText(folder, faults)}\n`)
    return refused.length === 0 ? 0 : 1
  },
}

/** Recomputes every clock from the topics and compares: the inspector's tool. */
export const clocksVerify: Command = {
  name: 'clocks verify',
  summary: 'recompute every legal clock from the topics and compare',
  usage: 'clocks verify [--json]',
  examples: ['tocsin clocks verify', 'tocsin clocks verify --json'],
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean', default: false } } })
    const { openKafkaForCommand } = await import('@tocsin/stage/kafka')
    const kafka = await openKafkaForCommand(io.env)
    try {
      const constituents = await kafka.table('registry-constituents')
      const { laws } = loadLaws(packsFolder)
      const changes: IncidentChange[] = []
      const clockEvents: ClockEvent[] = []
      const deliveries: Delivery[] = []
      const requests = new Map<string, Request>()
      const topics = ['incident-changes', 'clock-events', 'deliveries', 'requests'] as const
      const following = await kafka.follow(topics, { from: 'beginning' }, (record) => {
        if (record.value === null) return
        switch (record.topic) {
          case 'incident-changes':
            return void changes.push(record.value)
          case 'clock-events':
            return void clockEvents.push(record.value)
          case 'deliveries':
            return void deliveries.push(record.value)
          case 'requests':
            return void requests.set(record.key, record.value)
        }
      })
      await following.caughtUp
      await following.close()
      const registry = {
        constituent: (id: string) => constituents.get(id),
        law: (id: string, edition: Edition) => laws.law(id, edition),
      }
      const result = verifyClocks(
        { changes, clockEvents, deliveries, requests: [...requests.values()] },
        registry,
        kafka.clock.now(),
        GRACE_MS,
      )
      if (values.json) io.stdout.write(`${JSON.stringify(result)}\n`)
      else {
        for (const { caseId, clockId, fault, text } of result.faults)
          io.stdout.write(`${caseId} ${clockId} ${fault}: ${text}\n`)
        io.stdout.write(
          `${result.cases} cases, ${result.clockEvents} clock events, ${result.faults.length} differences\n`,
        )
      }
      return result.faults.length === 0 ? 0 : 1
    } finally {
      await kafka.close()
    }
  },
}

/** Moves the test clock of the embedded stack (H-CLOCK). */
export const clockAdvance: Command = {
  name: 'clock advance',
  summary: 'move the test clock of the embedded stack forward',
  usage: 'clock advance DURATION',
  examples: ['tocsin clock advance 48h', 'tocsin clock advance PT29M59S'],
  async run(args, io) {
    const durationMs = args.length === 1 ? durationOf(args[0] ?? '') : null
    if (durationMs === null)
      return wrong(io.stderr, 'Say how far: 48h, 30m, 90s, 2d or an ISO 8601 duration such as PT48H.')
    const path = io.env.TOCSIN_CLOCK_FILE
    if (io.env.TOCSIN_PROFILE !== 'embedded' || path === undefined || path === '') {
      throw new TocsinError(
        'clock_refused',
        'The clock can be moved in the embedded profile only: start one with `tocsin up`.',
      )
    }
    const offsetMs = advanceClockFile(path, durationMs)
    io.stdout.write(`The clock is ${offsetMs / 1000} s ahead now.\n`)
    return 0
  },
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `48h`, `90s` or ISO 8601 without months, in milliseconds; null for anything else. */
export function durationOf(text: string): number | null {
  const [, digits, unit] = /^(\d{1,7})([smhd])$/.exec(text) ?? []
  if (digits !== undefined && unit !== undefined) return Number(digits) * (UNIT_MS[unit] ?? 0)
  const duration = parseDuration(text)
  return duration === null || duration.months > 0 ? null : duration.days * 86_400_000 + duration.elapsedMs
}

function wrong(stderr: NodeJS.WritableStream, sentence: string): number {
  stderr.write(`${sentence}\n`)
  return 2
}
