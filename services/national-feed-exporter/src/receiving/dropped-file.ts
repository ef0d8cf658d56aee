import { EVENT_ID } from '../feeds/tw-nccst-1.3/ticket-number.ts'

/** What a dropped file is, by its place and name. */
export const FILE_KINDS = ['service-list', 'rule-table', 'attachment', 'incident'] as const
export type FileKind = (typeof FILE_KINDS)[number]

/** Largest file of each kind, octets; a larger one is never read. */
export const MAX_BYTES: Readonly<Record<FileKind, number>> = {
  'service-list': 8_388_608,
  'rule-table': 8_388_608,
  attachment: 16_777_216,
  incident: 1_048_576,
}

/** Folder of each kind under the sender's home (SOP V1.3, note 6). */
export const FOLDER_OF: Readonly<Record<FileKind, string>> = {
  'service-list': '',
  'rule-table': '',
  attachment: 'attachment',
  incident: 'incident',
}

/** A file that a sender has finished to write and that we have taken out of its folder. */
export interface TakenFile {
  sender: string
  kind: FileKind
  name: string
  /** Size on the disk; `content` is null when that is more than its kind may have. */
  bytes: number
  content: Buffer | null
  sha256: string
}

const ATTACHMENT_NAME = /^([A-Za-z0-9_-]{1,40})_\d{1,4}\.[a-z0-9]{1,8}$/

/** True for names of files that are still being written: the usual temporary endings and hidden files. */
export function isUnfinished(name: string): boolean {
  return name.startsWith('.') || /\.(part|tmp|filepart|uploading)$/i.test(name)
}

/**
 * Event_ID that a file name stands for (empty for a list), or null when it is no name for its kind (TW-2.3d, AMB-TW15,
 * Appendices 2 and 3).
 */
export function eventIdOfName(kind: FileKind, name: string, sender: string): string | null {
  switch (kind) {
    case 'incident': {
      const id = name.endsWith('.xml') ? name.slice(0, -4) : ''
      return EVENT_ID.test(id) ? id : null
    }
    case 'attachment':
      return ATTACHMENT_NAME.exec(name)?.[1] ?? null
    case 'service-list':
      return name === `${sender}_Service_Lists.csv` ? '' : null
    case 'rule-table':
      return name === ruleTableName(sender) ? '' : null
    default:
      return kind satisfies never
  }
}

/** Name of a sender's rule table; every other file at the top of its home should be its service list. */
export function ruleTableName(sender: string): string {
  return `${sender}_Rules_ID.csv`
}
