import type { ExchangeFormat } from '../format.ts'
import { casesOfIodef } from './read.ts'
import { iodefOf } from './write.ts'

/** IODEF v2 (RFC 7970): what its classes hold for others, the whole case in AdditionalData. */
export const iodef: ExchangeFormat = {
  name: 'iodef',
  mediaType: 'application/xml',
  ending: '.iodef.xml',
  notHeld: {},
  write: iodefOf,
  read: casesOfIodef,
}
