import type { RegistryConstituent } from '@tocsin/events'
import type { Clock, Log } from '@tocsin/runtime'
import type { Cases } from '../cases.ts'
import type { ComplianceBook } from '../compliance/compliance.ts'
import type { LiveLog } from '../live-log.ts'
import type { LoginThrottle } from '../login-throttle.ts'
import type { PackView } from '../pack-view.ts'
import type { Passwords } from '../passwords.ts'
import type { RequestBook } from '../request-view.ts'
import type { Sessions } from '../sessions.ts'
import type { SourceBook } from '../source-views.ts'
import type { AccountFile } from './account-file.ts'
import type { AuditLog } from './audit-log.ts'
import type { Commander } from './commander.ts'
import type { EventSearch } from './event-search.ts'

/** What the server is made of. */
export interface ConsoleParts {
  settings: HttpSettings
  clock: Clock
  log: Log
  accounts: AccountFile
  passwords: Passwords
  sessions: Sessions
  throttle: LoginThrottle
  audit: AuditLog
  cases: Cases
  live: LiveLog
  commander: Commander
  search: EventSearch
  packs: readonly PackView[]
  constituents: Constituents
  sourceBook: SourceBook
  requests: RequestBook
  compliance: ComplianceBook
  /** Aborted when the process stops: open streams end. */
  signal: AbortSignal
}

/** The registry's bodies. */
export interface Constituents {
  get(id: string): RegistryConstituent | undefined
  values(): Iterable<RegistryConstituent>
}

/** How the server is reached. */
export interface HttpSettings {
  /** False in the embedded profile, which is plain HTTP on loopback. */
  isSecure: boolean
  origin: string | null
  trustedProxies: string[] | false
  tls: { cert: string; key: string } | null
  distFolder: string
  /** Key of the links with which receivers confirm notices; null: there is no such page. */
  receiptSecret: string | null
}
