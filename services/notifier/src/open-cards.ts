import type { Delivery, Notice } from '@tocsin/events'
import { CARD_CHANNELS, type CardChannel } from './channels/task-card.ts'
import { digestOf } from './digest.ts'

/** A task card that waits for its outcome. */
export interface OpenCard {
  /** Of the notice, or of the message in which several went out together: what an outcome names. */
  id: string
  notice: Notice
  contactId: string
  channel: CardChannel
  /** When it was given, UTC ms. */
  givenAt: number
}

/** Takes notices and deliveries as the topics have them; gives the cards without an outcome, the most urgent first. */
export function openCards(notices: ReadonlyMap<string, Notice>, deliveries: readonly Delivery[]): OpenCard[] {
  const cards = new Map<string, Omit<OpenCard, 'notice'> & { members: Notice[] }>()
  for (const { noticeId, contactId, channel, state, at, digestId } of deliveries) {
    const notice = notices.get(noticeId ?? '')
    if (notice === undefined || contactId === null) continue
    const id = digestId ?? notice.noticeId
    const keyOf = (name: string): string => `${id}|${contactId}|${name}`
    if (state === 'assigned' && isCardChannel(channel)) {
      const members = [...(cards.get(keyOf(channel))?.members ?? []), notice]
      cards.set(keyOf(channel), { id, contactId, channel, givenAt: at, members })
    } else if (state === 'delivered' || state === 'acknowledged')
      for (const name of CARD_CHANNELS) cards.delete(keyOf(name))
    else if (isCardChannel(channel)) cards.delete(keyOf(channel))
  }
  return [...cards.values()]
    .map(({ members, ...card }) => ({ ...card, notice: members.length === 1 ? onlyOf(members) : digestOf(members) }))
    .sort((a, b) => (a.notice.dueAt ?? Infinity) - (b.notice.dueAt ?? Infinity))
}

function onlyOf([notice]: readonly Notice[]): Notice {
  if (notice === undefined) throw new RangeError('A card is for a notice.')
  return notice
}

function isCardChannel(name: string): name is CardChannel {
  return (CARD_CHANNELS as readonly string[]).includes(name)
}
