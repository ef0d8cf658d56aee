import type { RegistryContact } from '@tocsin/events'
import type { Channel } from '../channel.ts'

/** Ways that a person goes: their words in `tocsin notices`. */
export const CARD_CHANNELS = ['telephone', 'fax', 'official-dispatch'] as const
export type CardChannel = (typeof CARD_CHANNELS)[number]

const NUMBER = /^\+?[\d\s().-]{3,25}$/

const ADDRESSES: Readonly<Record<CardChannel, (contact: RegistryContact) => string | null>> = {
  telephone: ({ phone, mobile }) => numberOf(phone) ?? numberOf(mobile),
  fax: ({ addresses }) => numberOf(addresses['fax'] ?? null),
  'official-dispatch': ({ address }) => ((address ?? '').trim() === '' ? null : address),
}

/**
 * A task card for a person: call, fax or send a letter (VN-8.3c). The card is given, nothing more; what came of it and when is
 * told by `tocsin notices outcome`, and only that meets a clock.
 */
export function taskCardChannel(name: CardChannel): Channel {
  return {
    name,
    addressOf: ADDRESSES[name],
    targetOf: () => 'task cards',
    mask: (address) => (name === 'official-dispatch' ? '***' : `***${address.replace(/\D/g, '').slice(-3)}`),
    send: () =>
      Promise.resolve({
        state: 'assigned',
        reply: null,
        proof: 'task card for the shift',
        errorCode: null,
        sha256: null,
        bytes: null,
      }),
  }
}

function numberOf(text: string | null): string | null {
  const number = (text ?? '').trim()
  return NUMBER.test(number) ? number : null
}
