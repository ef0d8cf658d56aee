import { createHash } from 'node:crypto'
import { idFrom, type ReceivedItem } from '@tocsin/events'
import { canonicalJson, caseOfObject, type ReadIncident } from '@tocsin/exchange'
import { messageOf } from '@tocsin/runtime'
import type { Peer } from './peers-file.ts'

/** Profile of what came from another deployment. */
export const PEER_PROFILE = 'tocsin-peer-1'

/** Largest case that is taken: with its frame it fits into a record, so that one that does not cannot hold up those behind it. */
const MAX_CASE_BYTES = 512 * 1_024

/** What becomes of one object of a peer: an item, nothing because it is ours, or nothing because it is no case. */
export type Taken = { kind: 'item'; item: ReceivedItem } | { kind: 'own' } | { kind: 'other' }

/**
 * Takes one STIX object that a peer served. A case whose origin is `deployment` has come home and is dropped: nothing goes round, over
 * however many deployments it came (VN-10.1b). The id of an item comes from origin and revision, so that the same case over two ways,
 * or twice, is one item. What the peer took back is an item whose case is `false-positive`.
 */
export function takeObject(value: unknown, peer: Peer, deployment: string, atMs: number): Taken {
  let read: ReadIncident | null
  try {
    read = caseOfObject(value)
  } catch (error) {
    return { kind: 'item', item: refused(value, peer, atMs, messageOf(error)) }
  }
  if (read === null) return { kind: 'other' }
  const { shared, revoked } = read
  if (shared.origin.startsWith(`${deployment}/`)) return { kind: 'own' }
  const sharedCase = canonicalJson(revoked ? { ...shared, status: 'false-positive' } : shared)
  if (Buffer.byteLength(sharedCase) > MAX_CASE_BYTES)
    return { kind: 'item', item: refused(value, peer, atMs, `The case has more than ${MAX_CASE_BYTES} bytes.`) }
  return {
    kind: 'item',
    item: {
      ...frameOf(value, peer, atMs),
      itemId: idFrom('peer', shared.origin, shared.revision, revoked ? 'revoked' : 'told'),
      name: shared.origin,
      verdict: 'accepted',
      reason: null,
      exercise: shared.exercise,
      constituent: peer.constituent,
      sharedCase,
    },
  }
}

function refused(value: unknown, peer: Peer, atMs: number, reason: string): ReceivedItem {
  const frame = frameOf(value, peer, atMs)
  const name = String((value as { id?: unknown }).id).slice(0, 200)
  return {
    ...frame,
    itemId: idFrom('peer', peer.peer, name, frame.sha256),
    name,
    verdict: 'rejected',
    reason: reason.slice(0, 500),
    exercise: false,
    constituent: peer.constituent,
    sharedCase: '',
  }
}

function frameOf(value: unknown, { peer }: Peer, receivedAt: number) {
  const text = canonicalJson(value)
  return {
    sender: peer,
    profile: PEER_PROFILE,
    receivedAt,
    judgedAt: receivedAt,
    sha256: createHash('sha256').update(text).digest('hex'),
    bytes: Buffer.byteLength(text),
    caseFields: {},
  }
}
