import { beats, beatsTls } from './beats.ts'
import { https } from './https.ts'
import { relp, relpTls } from './relp.ts'
import { tcp } from './tcp.ts'
import { tls } from './tls.ts'
import type { Transport } from './transport.ts'
import { udp } from './udp.ts'

/** Every way in. */
export const transports: readonly Transport[] = [udp, tcp, tls, relp, relpTls, beats, beatsTls, https]
