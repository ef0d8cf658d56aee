import { TocsinError } from '@tocsin/runtime'
import { parse } from 'yaml'
import { z } from 'zod'

/** What an account of a sender can be (Appendix 4); `test`: what it sends counts as an exercise until it has passed. */
export const SENDER_STATES = ['test', 'production', 'suspended', 'terminated'] as const
export type SenderState = (typeof SENDER_STATES)[number]

const senderSchema = z.strictObject({
  sender: z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'is no code of letters, digits, _ and -, at most 40'),
  name: z.string().min(1).max(255),
  directory: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/, 'is no plain folder name')
    .optional(),
  state: z.enum(SENDER_STATES),
  since: z.iso.date().optional(),
  notice: z.string().max(1_000).optional(),
})

/** One sender: field 1 of its files, its folder under the FTPS root, and what its account may do. */
export interface Sender {
  sender: string
  name: string
  directory: string
  state: SenderState
  /** Why the account was suspended or terminated, as the sender is told (TW-3.5). */
  notice: string
}

/** Takes the text of senders.yaml; gives the senders. Throws `TocsinError('bad_senders')` naming what is wrong. */
export function loadSenders(text: string): Sender[] {
  let document: unknown
  try {
    document = parse(text, { maxAliasCount: 100 })
  } catch (error) {
    throw new TocsinError('bad_senders', 'The file of senders is no YAML; correct it.', error)
  }
  const result = z.array(senderSchema).max(1_000).safeParse(document)
  if (!result.success) {
    const [issue] = result.error.issues
    const place = issue?.path.join('.') || 'the top'
    throw new TocsinError('bad_senders', `The file of senders is wrong at ${place}: ${issue?.message ?? ''}.`)
  }
  const senders = result.data.map(({ sender, name, directory, state, notice }) => ({
    sender,
    name,
    directory: directory ?? sender,
    state,
    notice: notice ?? '',
  }))
  for (const field of ['sender', 'directory'] as const) {
    const values = senders.map((one) => one[field])
    const twice = values.find((value, index) => values.indexOf(value) !== index)
    if (twice !== undefined) {
      throw new TocsinError('bad_senders', `The file of senders names the ${field} ${twice} twice; each has its own.`)
    }
  }
  return senders
}

/** True when files of the sender are taken; those of a suspended or terminated one stay where they lie (TW-3.5). */
export function isTaken(state: SenderState): boolean {
  switch (state) {
    case 'test':
    case 'production':
      return true
    case 'suspended':
    case 'terminated':
      return false
    default:
      return state satisfies never
  }
}
