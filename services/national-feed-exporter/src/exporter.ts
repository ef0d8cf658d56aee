import { emit, type Received, reject, type StageDefinition } from '@tocsin/stage'
import type { Contract } from './feeds/agency/contract.ts'
import { feedOutputs } from './feeds/agency/feed.ts'
import type { Lists } from './feeds/tw-nccst-1.3/lists.ts'
import { SERVICE } from './health-event.ts'
import { ListDesk, type SharedUploads } from './list-desk.ts'
import { readSnapshot } from './snapshot.ts'
import { openState, STORES } from './state.ts'
import { TicketDesk, type TicketDeskParts } from './ticket-desk.ts'
import type { Transport } from './transport.ts'
import type { ProfileState } from './upload.ts'
import { UploadDesk } from './upload-desk.ts'

export type ExporterInput = 'detections' | 'incident-changes'

/** Everything that the exporter needs from outside. */
export interface ExporterParts extends TicketDeskParts {
  contracts: readonly Contract[]
  /** Name of this deployment: the origin of its cases. */
  deployment: string
  /** Asked at every tick: a profile that is suspended stops at once (TW-3.5). */
  profileState: () => ProfileState
  /** False until a named person has confirmed the files of a new profile (TW-2.1b). */
  isConfirmed?: () => boolean
  transport: Transport
  /** Keeps a copy of the lists that the server took (TW-A2.2). */
  keepLists?: (lists: Lists, at: number) => void
}

/**
 * The exporter as one stateful stage, keyed by the constituent: detections become tickets, cases become agencies' records, and each
 * tick moves the uploads on without waiting for the network.
 */
export function createExporter(parts: ExporterParts): StageDefinition<ExporterInput> {
  const shared: SharedUploads = new Map()
  return {
    name: SERVICE,
    inputs: ['detections', 'incident-changes'],
    stores: STORES,
    tickMs: 250,
    create(task) {
      const state = openState(task)
      const tickets = new TicketDesk(parts, state, task.partition)
      const lists = new ListDesk({ ...parts, organization: parts.profile.organization, shared }, state)
      const uploads = new UploadDesk(parts, state, tickets, lists)
      return {
        process(record: Received<ExporterInput>, nowMs) {
          if (record.topic === 'detections') return tickets.takeDetection(record.value, nowMs)
          const { value } = record
          const incident = readSnapshot(value.snapshot)
          if (incident === null) {
            return reject('bad_snapshot', `The snapshot of case ${value.caseId} is no case.`, value.constituent)
          }
          return emit(
            ...tickets.takeCase(incident, nowMs),
            ...feedOutputs(incident, parts.contracts, parts.constituents, state.feeds, parts.deployment),
          )
        },
        tick: (nowMs) => [...tickets.tick(nowMs), ...lists.tick(nowMs), ...uploads.tick(nowMs)],
      }
    },
  }
}
