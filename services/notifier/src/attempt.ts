import type { Notice, RegistryContact } from '@tocsin/events'
import { type Clock, messageOf, TocsinError } from '@tocsin/runtime'
import { type AttemptResult, failed } from './channel.ts'
import type { Progress } from './deliver.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { Route } from './receivers.ts'
import type { Attempted } from './records.ts'

/** What an attempt needs of the world. */
export interface AttemptParts {
  dispatcher: Dispatcher
  /** Time of an attempt's begin and result, which fall between the ticks. */
  clock: Clock
  /** The link with which a receiver confirms a notice. */
  receiptLink?: (notice: Notice, contactId: string) => string
  /** Told of each attempt, for metrics. */
  onAttempt?: (channel: string, state: AttemptResult['state']) => void
}

/** Makes the attempt that was intended; never rejects: what went wrong is its result. */
export async function attemptBy(
  { dispatcher, clock, receiptLink, onAttempt }: AttemptParts,
  { channel, address }: Route,
  { notice, attempts, doubtful = [] }: Progress,
  { contactId, name: receiver, certificate }: RegistryContact,
): Promise<Attempted> {
  const resend = doubtful.includes(channel.name)
  let startedAt = clock.now()
  let result: AttemptResult
  try {
    result = await dispatcher.run(channel.targetOf(address), (signal) => {
      startedAt = clock.now()
      const link = receiptLink?.(notice, contactId) ?? null
      return channel.send({ notice, receiver, address, certificate, startedAt, resend, receiptLink: link }, signal)
    })
  } catch (error) {
    // What cannot be sent at all says so; the next channel is used.
    const code = error instanceof TocsinError ? error.code : 'attempt_failed'
    result = failed('retrying', code, messageOf(error))
  }
  onAttempt?.(channel.name, result.state)
  return { route: { channel, address }, attempt: attempts + 1, startedAt, at: clock.now(), result }
}
