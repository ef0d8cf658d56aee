import { userInfo } from 'node:os'
import { parseArgs } from 'node:util'
import {
  type CommandResult,
  type Delivery,
  type IncidentCommand,
  type Notice,
  type RegistryContact,
  uuidV7,
} from '@tocsin/events'
import { type Command, type CommandIo, TocsinError } from '@tocsin/runtime'
import type { openKafkaForCommand } from '@tocsin/stage/kafka'
import { taskCardChannel } from '../channels/task-card.ts'
import { type OpenCard, openCards } from '../open-cards.ts'
import { OUTCOME_ACTION } from '../outcome.ts'
import { cardPage } from '../task-card-page.ts'

type CommandKafka = Awaited<ReturnType<typeof openKafkaForCommand>>

/** Task cards that wait for their outcome. */
export const noticesCards: Command = {
  name: 'notices cards',
  summary: 'list the calls, faxes and letters that wait for their outcome',
  usage: 'notices cards [--json]',
  examples: ['tocsin notices cards'],
  run: (args, io) => {
    const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean', default: false } } })
    return withKafka(io, async (kafka) => {
      for (const card of (await read(kafka)).cards) {
        const due = card.notice.dueAt === null ? '–' : new Date(card.notice.dueAt).toISOString()
        const { id, contactId, channel } = card
        const line = values.json
          ? JSON.stringify({ id, contactId, channel, due, subject: card.notice.subject })
          : `${id.slice(0, 12)}  ${channel.padEnd(17)} ${contactId.padEnd(24)} ${due}  ${card.notice.subject}`
        io.stdout.write(`${line}\n`)
      }
      return 0
    })
  },
}

/** One card as a page to print. */
export const noticesCard: Command = {
  name: 'notices card',
  summary: 'print one task card as HTML (A4; print it, or print it to PDF)',
  usage: 'notices card ID [--contact ID] [--channel telephone|fax|official-dispatch]',
  examples: ['tocsin notices card 5f0c1a2b3c4d > card.html'],
  run: (args, io) => {
    const { values, positionals } = readWords(args)
    return withKafka(io, async (kafka) => {
      const { cards, contacts, zones } = await read(kafka)
      const card = cardOf(cards, positionals[0] ?? '', values)
      const contact = contacts.get(card.contactId)
      const address = contact === undefined ? null : taskCardChannel(card.channel).addressOf(contact)
      if (contact === undefined || address === null)
        throw new TocsinError(
          'no_receiver',
          `The contact ${card.contactId} has no address for ${card.channel} any more.`,
        )
      const timeZone = zones.get(card.notice.constituent) ?? 'UTC'
      io.stdout.write(cardPage({ notice: card.notice, contact, channel: card.channel, address, timeZone }))
      return 0
    })
  },
}

/** Says what came of a card. */
export const noticesOutcome: Command = {
  name: 'notices outcome',
  summary: 'record what came of a call, fax or letter, and when',
  usage:
    'notices outcome ID reached|not-reached [--at INSTANT] [--note TEXT] [--contact ID] [--channel NAME] [--actor NAME] [--wait SECONDS]',
  examples: ['tocsin notices outcome 5f0c1a2b3c4d reached --at 2026-03-01T04:41:00Z --note "told the duty officer"'],
  run: (args, io) => {
    const { values, positionals } = readWords(args)
    const [id = '', outcome = ''] = positionals
    return withKafka(io, async (kafka) => {
      const card = cardOf((await read(kafka)).cards, id, values)
      const nowMs = kafka.clock.now()
      const at = values.at ?? new Date(nowMs).toISOString()
      const { contactId, channel, notice } = card
      const command: IncidentCommand = {
        commandId: uuidV7(nowMs),
        constituent: notice.constituent,
        caseId: notice.caseId ?? '',
        action: OUTCOME_ACTION,
        expectedRevision: null,
        actor: values.actor ?? io.env['USER'] ?? userInfo().username,
        actorRoles: ['shift'],
        channel: 'cli',
        issuedAt: nowMs,
        reason: null,
        fields: { noticeId: card.id, contactId, channel, outcome, at, note: values.note ?? '' },
      }
      const result = await commanded(kafka, command, Number(values.wait) * 1_000)
      io.stdout.write(`${result.code}: ${result.reason}\n`)
      return result.accepted ? 0 : 1
    })
  },
}

function readWords(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      contact: { type: 'string' },
      channel: { type: 'string' },
      at: { type: 'string' },
      note: { type: 'string' },
      actor: { type: 'string' },
      wait: { type: 'string', default: '30' },
    },
  })
}

function cardOf(cards: readonly OpenCard[], id: string, wanted: { contact?: string; channel?: string }): OpenCard {
  const found = cards.filter(
    (card) =>
      id.length >= 6 &&
      card.id.startsWith(id) &&
      (wanted.contact === undefined || card.contactId === wanted.contact) &&
      (wanted.channel === undefined || card.channel === wanted.channel),
  )
  const [card] = found
  if (card !== undefined && found.length === 1) return card
  const many = `${found.length} cards begin with it; name --contact or --channel`
  throw new TocsinError(
    'unknown_card',
    `No one card is meant by "${id}": ${found.length === 0 ? 'none is open' : many}.`,
  )
}

async function withKafka(io: CommandIo, run: (kafka: CommandKafka) => Promise<number>): Promise<number> {
  const { openKafkaForCommand } = await import('@tocsin/stage/kafka')
  const kafka = await openKafkaForCommand(io.env)
  try {
    return await run(kafka)
  } finally {
    await kafka.close()
  }
}

interface Read {
  cards: OpenCard[]
  contacts: ReadonlyMap<string, RegistryContact>
  /** Time zones by constituent. */
  zones: ReadonlyMap<string, string>
}

async function read(kafka: CommandKafka): Promise<Read> {
  const notices = new Map<string, Notice>()
  const deliveries: Delivery[] = []
  const contacts = new Map<string, RegistryContact>()
  const zones = new Map<string, string>()
  const topics = ['notices', 'deliveries', 'registry-contacts', 'registry-constituents'] as const
  const following = await kafka.follow(topics, { from: 'beginning' }, (record) => {
    if (record.value === null) return
    switch (record.topic) {
      case 'notices':
        notices.set(record.value.noticeId, record.value)
        return
      case 'deliveries':
        deliveries.push(record.value)
        return
      case 'registry-contacts':
        contacts.set(record.key, record.value)
        return
      case 'registry-constituents':
        zones.set(record.key, record.value.timeZone)
        return
      default:
        record satisfies never
    }
  })
  await following.caughtUp
  await following.close()
  return { cards: openCards(notices, deliveries), contacts, zones }
}

/** Writes the command and waits for the notifier's answer. */
async function commanded(kafka: CommandKafka, command: IncidentCommand, waitMs: number): Promise<CommandResult> {
  const { promise, resolve } = Promise.withResolvers<CommandResult>()
  const following = await kafka.follow(['command-results'], { from: 'latest' }, ({ value }) => {
    if (value?.commandId === command.commandId) resolve(value)
  })
  await following.caughtUp
  const publisher = await kafka.publisher()
  await publisher.send({ topic: 'incident-commands', key: command.constituent, value: command })
  const { promise: late, reject } = Promise.withResolvers<never>()
  const sentence = `No answer came within ${waitMs / 1_000} s: is the notifier running? The command stays in the topic and will be carried out.`
  const timer = setTimeout(() => reject(new TocsinError('no_answer', sentence)), waitMs)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
    await following.close()
  }
}
