import { setImmediate as turn } from 'node:timers/promises'
import type { Notice, RegistryContact } from '@tocsin/events'
import { manualClock } from '@tocsin/runtime'
import { harnessOf, type StageHarness } from '@tocsin/stage/testing'
import type { AttemptResult, Channel, Message } from '../src/channel.ts'
import { CommitGate } from '../src/commit-gate.ts'
import { Dispatcher } from '../src/dispatcher.ts'
import { notifier } from '../src/notifier.ts'

export const T0 = Date.UTC(2026, 2, 1, 4, 30)
export const SECOND = 1_000
export const MINUTE = 60 * SECOND

export function noticeOf(over: Partial<Notice> = {}): Notice {
  return {
    noticeId: 'n1',
    constituent: 'kz-ministry',
    caseId: 'case-1',
    clockId: 'C1',
    requirementIds: ['KZ-10.3g'],
    pack: 'kz-order-199',
    purpose: 'notify',
    recipientRole: 'constituent',
    contactId: null,
    exercise: false,
    tlp: 'amber',
    createdAt: T0,
    dueAt: T0 + 30 * MINUTE,
    language: 'ru',
    subject: 'Инцидент ИБ KZ-2026-000001',
    body: 'Обнаружен подбор пароля.\nРекомендация: сменить пароль.\n',
    fields: {},
    attachments: [],
    channels: [],
    groupable: false,
    ...over,
  }
}

export function contactOf(over: Partial<RegistryContact> = {}): RegistryContact {
  return {
    contactId: 'officer',
    constituent: 'kz-ministry',
    kind: 'person',
    role: 'constituent',
    name: 'Айгүл Сәрсенова',
    department: null,
    position: null,
    address: null,
    phone: null,
    mobile: '+7 700 000 0101',
    email: 'officer@ministry.example',
    webhook: 'https://ministry.example/hook',
    language: 'ru',
    certificate: null,
    certificateExpiresAt: null,
    addresses: {},
    channels: ['mail', 'webhook'],
    test: false,
    validFrom: 0,
    validTo: null,
    changedBy: 'test',
    changedAt: 0,
    reason: 'test',
    deleted: false,
    ...over,
  }
}

/** A channel told what to answer; it keeps what it was given. */
export interface ScriptedChannel extends Channel {
  sent: Message[]
  answer: (message: Message) => Promise<AttemptResult> | AttemptResult
}

export const OK: AttemptResult = {
  state: 'delivered',
  reply: '250 ok',
  proof: 'SMTP 250 ok',
  errorCode: null,
  sha256: null,
  bytes: null,
}
export const REFUSED: AttemptResult = {
  state: 'refused',
  reply: '451 not now',
  proof: null,
  errorCode: 'mail_deferred',
  sha256: null,
  bytes: null,
}

export function scripted(name: 'mail' | 'webhook' | 'sms'): ScriptedChannel {
  const channel: ScriptedChannel = {
    name,
    sent: [],
    answer: () => OK,
    addressOf: (contact) => ({ mail: contact.email, webhook: contact.webhook, sms: contact.mobile })[name],
    targetOf: () => name,
    mask: (address) => address,
    send: async (message) => {
      channel.sent.push(message)
      return channel.answer(message)
    },
  }
  return channel
}

export interface World {
  stage: StageHarness<'notices' | 'incident-commands'>
  mail: ScriptedChannel
  webhook: ScriptedChannel
  contacts: Map<string, RegistryContact>
  dispatcher: Dispatcher
  /** Gives a notice at the present time. */
  owe: (notice: Notice) => Promise<void>
  /** Moves the clock on, ticking every `stepMs`; effects that can end have ended after each tick. */
  pass: (ms: number, stepMs?: number) => Promise<void>
  commits: CommitGate
  now: () => number
}

/** The notifier without a broker, its channels scripted, its clock moved by hand. */
export function world(
  contacts: readonly RegistryContact[],
  dispatcher = new Dispatcher(),
  more: readonly Channel[] = [],
): World {
  const clock = manualClock(T0)
  const table = new Map(contacts.map((contact) => [contact.contactId, contact]))
  const mail = scripted('mail')
  const webhook = scripted('webhook')
  const channels = [mail, webhook, ...more]
  const commits = new CommitGate()
  const stage = harnessOf(notifier({ contacts: table, channels, dispatcher, commits, clock }), T0)
  const settle = async (): Promise<void> => {
    for (let turns = 0; turns < 20; turns++) await turn()
  }
  return {
    stage,
    mail,
    webhook,
    contacts: table,
    dispatcher,
    owe: async (notice) => {
      stage.now(clock.now())
      await stage.give('notices', notice.constituent, notice)
    },
    pass: async (ms, stepMs = 100) => {
      const end = clock.now() + ms
      do {
        await stage.tick(clock.now())
        commits.onTransaction('begin')
        commits.onTransaction('committed')
        await settle()
        clock.set(Math.min(end, clock.now() + stepMs))
      } while (clock.now() < end)
      await stage.tick(clock.now())
    },
    commits,
    now: () => clock.now(),
  }
}
