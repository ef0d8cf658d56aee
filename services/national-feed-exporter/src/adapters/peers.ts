import { readFileSync } from 'node:fs'
import type { ReceivedItem } from '@tocsin/events'
import type { Clock, Log } from '@tocsin/runtime'
import type { Publisher } from '@tocsin/stage/kafka'
import { healthEvent } from '../health-event.ts'
import { loadPeers, type Peer } from '../peers/peers-file.ts'
import { PeerLink } from './peer-link.ts'

/** What the links to other deployments need. */
export interface PeersSettings {
  file: string
  everyMs: number
  deployment: string
  dataDir: string
}

/** Reads every peer until the stop. Throws `bad_peers`, `unreadable_file`. */
export async function readPeersUntil(
  signal: AbortSignal,
  { file, everyMs, deployment, dataDir }: PeersSettings,
  { clock, log, publisher }: { clock: Clock; log: Log; publisher: Pick<Publisher, 'send'> },
): Promise<void> {
  const tell = (peer: Peer, isAway: boolean, reason: string): Promise<void> => {
    const message = isAway
      ? `The deployment ${peer.peer} cannot be read: ${reason}. What it adds meanwhile comes when it can; look at address, key and certificate.`
      : `The deployment ${peer.peer} is read again, from where it stood.`
    const level = isAway ? 'critical' : 'info'
    const state = isAway ? 'raised' : 'cleared'
    return publisher.send(healthEvent('peer_away', peer.peer, null, clock.now(), { level, message, state }))
  }
  const publish = (item: ReceivedItem) =>
    publisher.send({ topic: 'received-items', key: item.constituent, value: item })
  const links = loadPeers(readFileSync(file, 'utf8')).map(
    (peer) => new PeerLink(peer, { dataDir, deployment, clock, log, publish, tell }),
  )
  await Promise.all(links.map((link) => link.run(signal, everyMs)))
}
