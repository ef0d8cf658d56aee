// Generated from schemas/*.avsc by packages/events/generate.ts. Do not edit: run `npm run generate`.
/* eslint-disable */
/** Who did what; one hash chain per writer and slot. */
export interface AuditEntry {
  /** Hash of (chain id, seq) */
  auditId: string
  /** Writer and slot */
  chainId: string
  /** Number in the chain, from 1 */
  seq: number
  /** Hash of the entry before, hex; 64 zeros for the first */
  previousHash: string
  /** SHA-256 over previousHash and the canonical JSON of this entry without hash, hex */
  hash: string
  /** Time, UTC */
  at: number
  /** Constituent concerned */
  constituent: null | string
  /** Who */
  actor: string
  /** Roles at that moment */
  roles: string[]
  /** What was done or tried */
  action: string
  /** On what */
  object: string
  /** allowed, denied or failed */
  outcome: string
  /** Why */
  reason: null | string
  /** Address of the actor, where known */
  address: null | string
}

/** Something happened to a legal clock. */
export interface ClockEvent {
  /** Hash of (case id, clock id, what) */
  clockEventId: string
  /** Id of the case */
  caseId: string
  /** Id of the constituent */
  constituent: string
  /** Key of the clock within the case: id of the pack and kind, for example C1/event */
  clockId: string
  /** Legal duties */
  requirementIds: string[]
  /** Regulation pack */
  pack: string
  /** True for an exercise */
  exercise: boolean
  /** started, warned, met, breached, cancelled, escalated, or withdrawn (takes back the event that proof names) */
  what: string
  /** Legal instant of the happening, UTC */
  at: number
  /** When it was recorded, UTC */
  recordedAt: number
  /** Start of the clock, UTC */
  startAt: number
  /** Due, UTC */
  dueAt: number
  /** Record that proves it */
  proof: null | string
}

/** The answer to a command. */
export interface CommandResult {
  /** Id of the command */
  commandId: string
  /** Constituent */
  constituent: string
  /** Case */
  caseId: string
  /** Whether it took effect */
  accepted: boolean
  /** accepted, duplicate, stale-revision, unknown-case, illegal-transition, not-permitted or invalid */
  code: string
  /** One clear sentence */
  reason: string
  /** Revision of the case after the command */
  revision: number
  /** Time, UTC */
  at: number
}

/** Whether a system or an Internet connection is seen as the law asks. */
export interface CoverageState {
  /** Kind and subject, colon between */
  coverageId: string
  /** Constituent */
  constituent: string
  /** mandatory-inputs (VN-5.1d), internet-connection (VN-5.2b) or https (VN-5.2d) */
  kind: string
  /** Id of the system or of the connection */
  subject: string
  /** Systems concerned */
  systemIds: string[]
  /** Legal duties */
  requirementIds: string[]
  /** covered, silent (registered, not heard in time) or missing (non-compliant) */
  state: string
  /** What is asked for, each with its sources */
  inputs: CoverageInput[]
  /** Measure against encryption, for https */
  measure: null | string
  /** Since when it is in that state, UTC */
  since: number
  /** Time of this record, UTC */
  updatedAt: number
}

/** A count for reports, aggregated in the stream so that reports never count documents in Elasticsearch. */
export interface DailyFact {
  /** Hash of (day, constituent, name, dimensions) */
  factId: string
  /** Local day of the constituent's pack, YYYY-MM-DD */
  day: string
  /** Id of the constituent */
  constituent: string
  /** Regulation pack */
  pack: string
  /** Name of the fact, for example detections */
  name: string
  /** Dimensions, name to value */
  dimensions: Record<string, string>
  /** Value; the newest record of an id wins */
  value: number
  /** Time of the update, UTC */
  updatedAt: number
}

/** A record that could not be handled, whole, with the reason. */
export interface DeadLetter {
  /** Hash of (topic, partition, offset, service) */
  deadLetterId: string
  /** Service that gave up */
  service: string
  /** Slot of the process */
  slot: string
  /** Version of the service */
  serviceVersion: string
  /** decode, transform, produce or sink */
  stage: string
  /** Error code from the closed list */
  code: string
  /** One clear sentence, at most 512 octets */
  message: string
  /** Stack, at most 2 KiB */
  stack: null | string
  /** Constituent, where it could be read */
  constituent: null | string
  /** Topic of the original */
  topic: string
  /** Partition of the original */
  partition: number
  /** Offset of the original */
  offset: number
  /** Timestamp of the original, UTC */
  timestamp: number
  /** Key of the original, untouched */
  key: null | Buffer
  /** Value of the original, untouched */
  original: Buffer
  /** Headers of the original, untouched */
  headers: Record<string, Buffer>
  /** Attempts made */
  attempts: number
  /** First attempt, UTC */
  firstSeenAt: number
  /** Time of giving up, UTC */
  at: number
  /** Trace context of the original */
  traceparent: null | string
}

/** One attempt to deliver a notice, file or feed record, and its proof. */
export interface Delivery {
  /** Hash of (subject id, channel, address, attempt) */
  deliveryId: string
  /** Notice delivered */
  noticeId: null | string
  /** Id of what was delivered: notice, ticket, report or feed record */
  subjectId: string
  /** Case concerned */
  caseId: null | string
  /** Id of the constituent */
  constituent: string
  /** Role of the recipient */
  recipientRole: string
  /** True for an exercise */
  exercise: boolean
  /** mail, webhook, sms, chat, telegram, telephone, fax, official-dispatch, website, form, ftps, topic or console */
  channel: string
  /** Address, masked where personal */
  address: string
  /** Number of the attempt, from 1 */
  attempt: number
  /** retrying, assigned, sent, sent-unverified, delivered, acknowledged, refused or expired; assigned: a person has a task card for it */
  state: string
  /** Time of the result, UTC */
  at: number
  /** Time at which the attempt began, UTC */
  startedAt: number
  /** Answer of the other side, bounded to 512 characters */
  reply: null | string
  /** What proves it: SMTP reply, HTTP status, size check */
  proof: null | string
  /** SHA-256 of what was sent */
  sha256: null | string
  /** Size of what was sent */
  bytes: null | number
  /** Clock that it serves */
  clockId: null | string
  /** Code from the closed list, when it failed */
  errorCode: null | string
  /** Contact that it went to */
  contactId: null | string
  /** Message in which several notices went out together, if it was one of them */
  digestId: null | string
}

/** What a rule or a correlation reports. */
export interface Detection {
  /** Hash of (rule id, state hash, group key, anchor); updates keep it */
  detectionId: string
  /** T0 of the legal clocks: stamped when the record was first built, inside the transaction that commits it; never re-set */
  detectedAt: number
  /** Id of the constituent (organization.id) */
  constituent: string
  /** Severity 0 to 100 (event.severity) */
  severity: number
  /** Id of the rule or correlation (rule.id) */
  ruleId: string
  /** 0 for the first record of an episode, then rising */
  revision: number
  /** True for exercise or test traffic */
  exercise: boolean
  /** Traffic Light Protocol 2.0 marking */
  tlp: string
  /** event (single rule) or correlation */
  kind: string
  /** direct (own logs) or indirect (indicator, report) (VN-4.3a) */
  method: string
  /** open, update or close of the episode */
  phase: string
  /** Title of the rule (rule.name) */
  ruleName: string
  /** Version or modified date of the rule */
  ruleVersion: string
  /** Sigma level: informational, low, medium, high, critical */
  level: string
  /** Sigma tags, ATT&CK among them (rule.category) */
  tags: string[]
  /** ATT&CK technique ids (threat.technique.id) */
  techniques: string[]
  /** RSIT class */
  rsitClass: string
  /** RSIT type */
  rsitType: string
  /** Title by language: vi, kk, ru, zh-Hant, en */
  titles: Record<string, string>
  /** Recommended measures by language */
  recommendations: Record<string, string>
  /** Group key of the correlation, or the event id */
  groupKey: string
  /** Group-by names and values */
  groupBy: Record<string, string>
  /** Event that opened the episode */
  anchorEventId: string
  /** Time of the first contributing event, UTC (event.start) */
  firstEvent: number
  /** Time of the last contributing event, UTC (event.end) */
  lastEvent: number
  /** Value of the correlation */
  value: null | number
  /** Threshold of the correlation */
  threshold: null | number
  /** Number of contributing events, capped lists notwithstanding */
  eventCount: number
  /** Ids of contributing events, at most 100 */
  eventIds: string[]
  /** Where the original octets are, at most 100 */
  rawRefs: RawRef[]
  /** Who took part */
  participants: Participant[]
  /** Registered assets concerned */
  assetIds: string[]
  /** Information systems concerned */
  systemIds: string[]
  /** Log sources of the contributing events */
  sourceIds: string[]
  /** Device that reported */
  deviceName: null | string
  /** Rule of the device itself, unchanged (TW field 23) */
  triggeredRuleName: null | string
  /** Indicators that were hit */
  indicatorIds: string[]
  /** True when a count was estimated or state was cut */
  approximate: boolean
  /** What happened, one sentence, in English */
  description: null | string
  /** Rule set that the rule came with and its version, <set>@<version> */
  ruleSetVersion: string
  /** The indicators behind an indirect detection: list and verification state (VN-4.3a), at most 100 */
  indicatorHits: IndicatorHit[]
  /** Set on the last revision of an episode that turned out, by an event out of order, to be part of another: id of that detection. It counts no more */
  supersededBy: null | string
}

/** An event with what enrichment adds. It begins with exactly the fields of Event, in order, so that enrichment appends octets without decoding (design.md 3). */
export interface EnrichedEvent {
  /** Receive-time prefix and hash of (block id, index in block), 32 hex characters; stable over replay (event.id) */
  eventId: string
  /** Event time, UTC; bounded to 5 minutes beyond receipt (@timestamp) */
  occurredAt: number
  /** Id of the constituent, decided at the door (organization.id) */
  constituent: string
  /** Id of the registered source */
  sourceId: string
  /** Severity 0 to 100, our scale (tocsin.severity) */
  severity: number
  /** Format that was read, for example sshd or suricata.eve (event.dataset) */
  dataset: string
  /** Receive time at the door, UTC (event.created) */
  receivedAt: number
  /** True for exercise or test traffic (VN-9.2, XC-11) */
  exercise: boolean
  /** Traffic Light Protocol 2.0 marking */
  tlp: string
  /** Id of the raw block that holds the original octets */
  blockId: string
  /** Index of the frame in that block */
  frameIndex: number
  /** Time that the line named, when it was replaced because it lay in the future */
  originalTime: null | number
  /** Measured skew of the source clock (line time less receive time), milliseconds */
  skewMs: null | number
  /** basic, equipment, indirect or other (VN-11.4c) */
  sourceChannel: string
  /** inner or outer network circuit of the source (KZ-A) */
  circuit: string
  /** Sigma log source: product */
  logProduct: null | string
  /** Sigma log source: service */
  logService: null | string
  /** Sigma log source: categories */
  logCategory: string[]
  /** What went wrong while reading, short fixed words */
  quality: string[]
  /** How the transport header was read */
  header: null | string
  /** Decoded text of the frame, bounded to 32 KiB; the octets are in the raw block (event.original) */
  original: string
  /** Message text after the headers (message) */
  message: null | string
  /** ECS event kind (event.kind) */
  kind: string
  /** ECS categories (event.category) */
  category: string[]
  /** ECS types (event.type) */
  type: string[]
  /** ECS outcome (event.outcome) */
  outcome: null | string
  /** What happened, free text (event.action) */
  event_action: null | string
  /** Code of the vendor's message (event.code) */
  event_code: null | string
  /** Severity as the device gave it, on its own scale (event.severity) */
  event_severity: null | number
  /** Reason given (event.reason) */
  event_reason: null | string
  /** Program that reported (event.provider) */
  event_provider: null | string
  /** Duration, nanoseconds (event.duration) */
  event_duration: null | number
  /** Host that the event is about (host.name) */
  host_name: null | string
  /** Addresses of that host (host.ip) */
  host_ip: string[]
  /** Device that observed (observer.name) */
  observer_name: null | string
  /** Vendor of the device (observer.vendor) */
  observer_vendor: null | string
  /** Product (observer.product) */
  observer_product: null | string
  /** Kind of device (observer.type) */
  observer_type: null | string
  /** Source address, RFC 5952 text (source.ip) */
  source_ip: null | string
  /** Source port (source.port) */
  source_port: null | number
  /** Source MAC (source.mac) */
  source_mac: null | string
  /** Octets sent by the source (source.bytes) */
  source_bytes: null | number
  /** Source domain name (source.domain) */
  source_domain: null | string
  /** Source address after translation (source.nat.ip) */
  source_nat_ip: null | string
  /** Destination address (destination.ip) */
  destination_ip: null | string
  /** Destination port (destination.port) */
  destination_port: null | number
  /** Destination MAC (destination.mac) */
  destination_mac: null | string
  /** Octets sent by the destination (destination.bytes) */
  destination_bytes: null | number
  /** Destination domain name (destination.domain) */
  destination_domain: null | string
  /** Destination address after translation (destination.nat.ip) */
  destination_nat_ip: null | string
  /** tcp, udp, icmp and the like (network.transport) */
  network_transport: null | string
  /** Application protocol (network.protocol) */
  network_protocol: null | string
  /** Direction (network.direction) */
  network_direction: null | string
  /** Octets in all (network.bytes) */
  network_bytes: null | number
  /** Account (user.name) */
  user_name: null | string
  /** Domain of the account (user.domain) */
  user_domain: null | string
  /** Id of the account (user.id) */
  user_id: null | string
  /** Account acted upon (user.target.name) */
  user_target_name: null | string
  /** Program (process.name) */
  process_name: null | string
  /** Process id (process.pid) */
  process_pid: null | number
  /** Path of the program (process.executable) */
  process_executable: null | string
  /** Command line (process.command_line) */
  process_command_line: null | string
  /** Path of the parent (process.parent.executable) */
  process_parent_executable: null | string
  /** Command line of the parent (process.parent.command_line) */
  process_parent_command_line: null | string
  /** Path of the file (file.path) */
  file_path: null | string
  /** Name of the file (file.name) */
  file_name: null | string
  /** SHA-256 of the file (file.hash.sha256) */
  file_hash_sha256: null | string
  /** MD5 of the file (file.hash.md5) */
  file_hash_md5: null | string
  /** Registry path (registry.path) */
  registry_path: null | string
  /** URL as in the line (url.original) */
  url_original: null | string
  /** Path of the URL (url.path) */
  url_path: null | string
  /** Query of the URL (url.query) */
  url_query: null | string
  /** Host of the URL (url.domain) */
  url_domain: null | string
  /** Method (http.request.method) */
  http_request_method: null | string
  /** Referrer (http.request.referrer) */
  http_request_referrer: null | string
  /** Status code (http.response.status_code) */
  http_response_status_code: null | number
  /** Size of the body (http.response.body.bytes) */
  http_response_body_bytes: null | number
  /** User agent (user_agent.original) */
  user_agent_original: null | string
  /** TLS version (tls.version) */
  tls_version: null | string
  /** Name asked for (tls.client.server_name) */
  tls_client_server_name: null | string
  /** Name asked (dns.question.name) */
  dns_question_name: null | string
  /** Record type asked (dns.question.type) */
  dns_question_type: null | string
  /** Rule of the device that fired (rule.name) */
  rule_name: null | string
  /** Id of that rule (rule.id) */
  rule_id: null | string
  /** Category of that rule (rule.category) */
  rule_category: null | string
  /** Senders (email.from.address) */
  email_from_address: string[]
  /** Recipients (email.to.address) */
  email_to_address: string[]
  /** Subject (email.subject) */
  email_subject: null | string
  /** Syslog facility (RFC 5424) (log.syslog.facility.code) */
  syslog_facility: null | number
  /** Syslog severity (RFC 5424) (log.syslog.severity.code) */
  syslog_priority: null | number
  /** Every other field, dotted name to text */
  extra: Record<string, string>
  /** Country of the source address (source.geo.country_iso_code) */
  source_geo_country_iso_code: null | string
  /** City of the source address (source.geo.city_name) */
  source_geo_city_name: null | string
  /** Longitude of the source, degrees (source.geo.lon) */
  source_geo_lon: null | number
  /** Latitude of the source, degrees (source.geo.lat) */
  source_geo_lat: null | number
  /** Autonomous system of the source (source.as.number) */
  source_as_number: null | number
  /** Holder of that system (source.as.organization.name) */
  source_as_organization_name: null | string
  /** Country of the destination address (destination.geo.country_iso_code) */
  destination_geo_country_iso_code: null | string
  /** City of the destination address (destination.geo.city_name) */
  destination_geo_city_name: null | string
  /** Longitude of the destination, degrees (destination.geo.lon) */
  destination_geo_lon: null | number
  /** Latitude of the destination, degrees (destination.geo.lat) */
  destination_geo_lat: null | number
  /** Autonomous system of the destination (destination.as.number) */
  destination_as_number: null | number
  /** Holder of that system (destination.as.organization.name) */
  destination_as_organization_name: null | string
  /** Asset that the source address belongs to at the event's time */
  sourceAsset: null | AssetMatch
  /** Asset that the destination address belongs to at the event's time */
  destinationAsset: null | AssetMatch
  /** Indicators that the event hit, strongest first */
  indicators: IndicatorMatch[]
  /** Time of enrichment, UTC */
  enrichedAt: number
  /** Version of each table used */
  tables: Record<string, string>
  /** Name of the known scanner that the source address belongs to, from the installation's own list (tocsin.scanner.name) */
  sourceScanner: null | string
  /** Program of the user agent: browser, bot or tool (user_agent.name) */
  user_agent_name: null | string
  /** Its version (user_agent.version) */
  user_agent_version: null | string
  /** Operating system that the user agent names (user_agent.os.name) */
  user_agent_os_name: null | string
  /** Kind of device: desktop, mobile, tablet, tv or bot (user_agent.device.name) */
  user_agent_device_name: null | string
}

/** One normalized record. Typed fields are the ECS core; everything else is in extra. What routers and filters need comes first. */
export interface Event {
  /** Receive-time prefix and hash of (block id, index in block), 32 hex characters; stable over replay (event.id) */
  eventId: string
  /** Event time, UTC; bounded to 5 minutes beyond receipt (@timestamp) */
  occurredAt: number
  /** Id of the constituent, decided at the door (organization.id) */
  constituent: string
  /** Id of the registered source */
  sourceId: string
  /** Severity 0 to 100, our scale (tocsin.severity) */
  severity: number
  /** Format that was read, for example sshd or suricata.eve (event.dataset) */
  dataset: string
  /** Receive time at the door, UTC (event.created) */
  receivedAt: number
  /** True for exercise or test traffic (VN-9.2, XC-11) */
  exercise: boolean
  /** Traffic Light Protocol 2.0 marking */
  tlp: string
  /** Id of the raw block that holds the original octets */
  blockId: string
  /** Index of the frame in that block */
  frameIndex: number
  /** Time that the line named, when it was replaced because it lay in the future */
  originalTime: null | number
  /** Measured skew of the source clock (line time less receive time), milliseconds */
  skewMs: null | number
  /** basic, equipment, indirect or other (VN-11.4c) */
  sourceChannel: string
  /** inner or outer network circuit of the source (KZ-A) */
  circuit: string
  /** Sigma log source: product */
  logProduct: null | string
  /** Sigma log source: service */
  logService: null | string
  /** Sigma log source: categories */
  logCategory: string[]
  /** What went wrong while reading, short fixed words */
  quality: string[]
  /** How the transport header was read */
  header: null | string
  /** Decoded text of the frame, bounded to 32 KiB; the octets are in the raw block (event.original) */
  original: string
  /** Message text after the headers (message) */
  message: null | string
  /** ECS event kind (event.kind) */
  kind: string
  /** ECS categories (event.category) */
  category: string[]
  /** ECS types (event.type) */
  type: string[]
  /** ECS outcome (event.outcome) */
  outcome: null | string
  /** What happened, free text (event.action) */
  event_action: null | string
  /** Code of the vendor's message (event.code) */
  event_code: null | string
  /** Severity as the device gave it, on its own scale (event.severity) */
  event_severity: null | number
  /** Reason given (event.reason) */
  event_reason: null | string
  /** Program that reported (event.provider) */
  event_provider: null | string
  /** Duration, nanoseconds (event.duration) */
  event_duration: null | number
  /** Host that the event is about (host.name) */
  host_name: null | string
  /** Addresses of that host (host.ip) */
  host_ip: string[]
  /** Device that observed (observer.name) */
  observer_name: null | string
  /** Vendor of the device (observer.vendor) */
  observer_vendor: null | string
  /** Product (observer.product) */
  observer_product: null | string
  /** Kind of device (observer.type) */
  observer_type: null | string
  /** Source address, RFC 5952 text (source.ip) */
  source_ip: null | string
  /** Source port (source.port) */
  source_port: null | number
  /** Source MAC (source.mac) */
  source_mac: null | string
  /** Octets sent by the source (source.bytes) */
  source_bytes: null | number
  /** Source domain name (source.domain) */
  source_domain: null | string
  /** Source address after translation (source.nat.ip) */
  source_nat_ip: null | string
  /** Destination address (destination.ip) */
  destination_ip: null | string
  /** Destination port (destination.port) */
  destination_port: null | number
  /** Destination MAC (destination.mac) */
  destination_mac: null | string
  /** Octets sent by the destination (destination.bytes) */
  destination_bytes: null | number
  /** Destination domain name (destination.domain) */
  destination_domain: null | string
  /** Destination address after translation (destination.nat.ip) */
  destination_nat_ip: null | string
  /** tcp, udp, icmp and the like (network.transport) */
  network_transport: null | string
  /** Application protocol (network.protocol) */
  network_protocol: null | string
  /** Direction (network.direction) */
  network_direction: null | string
  /** Octets in all (network.bytes) */
  network_bytes: null | number
  /** Account (user.name) */
  user_name: null | string
  /** Domain of the account (user.domain) */
  user_domain: null | string
  /** Id of the account (user.id) */
  user_id: null | string
  /** Account acted upon (user.target.name) */
  user_target_name: null | string
  /** Program (process.name) */
  process_name: null | string
  /** Process id (process.pid) */
  process_pid: null | number
  /** Path of the program (process.executable) */
  process_executable: null | string
  /** Command line (process.command_line) */
  process_command_line: null | string
  /** Path of the parent (process.parent.executable) */
  process_parent_executable: null | string
  /** Command line of the parent (process.parent.command_line) */
  process_parent_command_line: null | string
  /** Path of the file (file.path) */
  file_path: null | string
  /** Name of the file (file.name) */
  file_name: null | string
  /** SHA-256 of the file (file.hash.sha256) */
  file_hash_sha256: null | string
  /** MD5 of the file (file.hash.md5) */
  file_hash_md5: null | string
  /** Registry path (registry.path) */
  registry_path: null | string
  /** URL as in the line (url.original) */
  url_original: null | string
  /** Path of the URL (url.path) */
  url_path: null | string
  /** Query of the URL (url.query) */
  url_query: null | string
  /** Host of the URL (url.domain) */
  url_domain: null | string
  /** Method (http.request.method) */
  http_request_method: null | string
  /** Referrer (http.request.referrer) */
  http_request_referrer: null | string
  /** Status code (http.response.status_code) */
  http_response_status_code: null | number
  /** Size of the body (http.response.body.bytes) */
  http_response_body_bytes: null | number
  /** User agent (user_agent.original) */
  user_agent_original: null | string
  /** TLS version (tls.version) */
  tls_version: null | string
  /** Name asked for (tls.client.server_name) */
  tls_client_server_name: null | string
  /** Name asked (dns.question.name) */
  dns_question_name: null | string
  /** Record type asked (dns.question.type) */
  dns_question_type: null | string
  /** Rule of the device that fired (rule.name) */
  rule_name: null | string
  /** Id of that rule (rule.id) */
  rule_id: null | string
  /** Category of that rule (rule.category) */
  rule_category: null | string
  /** Senders (email.from.address) */
  email_from_address: string[]
  /** Recipients (email.to.address) */
  email_to_address: string[]
  /** Subject (email.subject) */
  email_subject: null | string
  /** Syslog facility (RFC 5424) (log.syslog.facility.code) */
  syslog_facility: null | number
  /** Syslog severity (RFC 5424) (log.syslog.severity.code) */
  syslog_priority: null | number
  /** Every other field, dotted name to text */
  extra: Record<string, string>
}

/** A signed head of hash chains and Merkle roots; kept elsewhere it proves that nothing was cut off the end. */
export interface EvidenceCheckpoint {
  /** Hash of (origin, size, root) */
  checkpointId: string
  /** Chain or log that it covers */
  origin: string
  /** Number of entries */
  size: number
  /** Root or chain head, SHA-256 */
  rootHash: Buffer
  /** Time, UTC */
  at: number
  /** Ed25519 signature over origin, size, root (base64), time and extensions, one a line */
  signature: null | Buffer
  /** Key that signed */
  keyId: null | string
  /** chain-head: head of a hash chain, size is its last number; tree: root of an RFC 6962 tree over a range of its blocks */
  kind: string
  /** Further lines under the signature, in order: blocks, head, from, previous, audit */
  extensions: string[]
}

/** A record for one downstream agency: issue, replace or revoke. */
export interface FeedRecord {
  /** Hash of (agency, case id, revision) */
  feedId: string
  /** Agency that may see it */
  agency: string
  /** issue, replace or revoke */
  verb: string
  /** Case */
  caseId: string
  /** Revision of the case */
  revision: number
  /** Constituent concerned */
  constituent: string
  /** True for an exercise */
  exercise: boolean
  /** Marking */
  tlp: string
  /** Restriction */
  restriction: string
  /** Time, UTC */
  issuedAt: number
  /** Moment of detection, UTC */
  detectedAt: number
  /** Kind of the case */
  kind: string
  /** Severity 0 to 100 */
  severity: number
  /** RSIT class */
  rsitClass: string
  /** RSIT type */
  rsitType: string
  /** Subject by language */
  titles: Record<string, string>
  /** Description */
  description: string
  /** Recommendation by language */
  recommendations: Record<string, string>
  /** ATT&CK techniques */
  techniques: string[]
  /** Source addresses */
  sourceIps: string[]
  /** Target addresses */
  targetIps: string[]
  /** Indicator values */
  indicators: string[]
  /** Version of the agency contract */
  contractVersion: string
  /** Canonical JSON of the case as the agency may see it (packages/exchange); of a revoked one only what names it. Empty in records older than the field */
  sharedCase: string
}

/** A fault of our own sight: goes to operators and starts no legal clock. */
export interface HealthEvent {
  /** Hash of (service, code, subject, start) */
  healthId: string
  /** Code from the closed list */
  code: string
  /** Service that reports */
  service: string
  /** Slot of the process */
  slot: string
  /** Constituent concerned */
  constituent: null | string
  /** Source concerned */
  sourceId: null | string
  /** info, warning or critical */
  level: string
  /** raised or cleared */
  state: string
  /** Time, UTC */
  at: number
  /** One clear sentence: what, where, why, what to do */
  message: string
  /** Measured values */
  values: Record<string, string>
}

/** A case: a legal event, an incident or a threat. The present state; compacted by case id. */
export interface Incident {
  /** Id of the case: from its first detection; kept over promotion */
  caseId: string
  /** Rises by one with every change */
  revision: number
  /** Id of the constituent (organization.id) */
  constituent: string
  /** event, incident or threat */
  kind: string
  /** new, unverified, confirmed, false-positive, closed or merged */
  status: string
  /** Severity 0 to 100 */
  severity: number
  /** True for an exercise; never exported to a live endpoint */
  exercise: boolean
  /** Traffic Light Protocol 2.0 marking */
  tlp: string
  /** none, need-to-know or private (IODEF restriction) */
  restriction: string
  /** Regulation pack in force, for example kz-order-199 */
  pack: string
  /** Version of that pack */
  packVersion: string
  /** T0 of the event's clocks; the first committed value, never re-set */
  detectedAt: number
  /** Time at which the case was committed, UTC */
  createdAt: number
  /** Time of this revision, UTC */
  modifiedAt: number
  /** Moment at which it became an incident */
  promotedAt: null | number
  /** Moment of verification */
  verifiedAt: null | number
  /** Moment at which an officer acknowledged */
  acknowledgedAt: null | number
  /** First proof that the constituent received a notice (KZ C3) */
  noticeReceivedAt: null | number
  /** Moment of the constituent's answer */
  answeredAt: null | number
  /** Causes eliminated */
  causesEliminatedAt: null | number
  /** Consequences eliminated */
  consequencesEliminatedAt: null | number
  /** Closed */
  closedAt: null | number
  /** First contributing record */
  occurredFirst: number
  /** Last contributing record */
  occurredLast: number
  /** Grouping key: constituent, entities and technique */
  groupKey: string
  /** Human number, for example KZ-2026-000042 */
  number: string
  /** Rule of the first detection */
  ruleId: string
  /** Its title */
  ruleName: string
  /** Subject by language */
  titles: Record<string, string>
  /** Recommendation by language */
  recommendations: Record<string, string>
  /** Description, English */
  description: string
  /** Primary analysis (KZ-10.3f) */
  primaryAnalysis: null | string
  /** Conclusion */
  conclusion: null | string
  /** RSIT class */
  rsitClass: string
  /** RSIT type */
  rsitType: string
  /** Class of the pack's taxonomy */
  nationalClass: null | string
  /** Severity on the pack's scale */
  nationalSeverity: null | string
  /** ATT&CK techniques */
  techniques: string[]
  /** Effects ticked at promotion (KZ-2.5) */
  effects: string[]
  /** True when failures are serial, false when single (KZ-2.5) */
  serial: null | boolean
  /** intrusion, risk or incident (VN-4.2b-3) */
  vnKind: null | string
  /** Technically possible to stop the spread through sources (KZ-10.3j) */
  measuresPossible: null | boolean
  /** Why, or why not */
  measuresReason: null | string
  /** Officer in charge */
  assignee: null | string
  /** Detections of the case, at most 1000 */
  detectionIds: string[]
  /** Number of detections */
  detectionCount: number
  /** Number of contributing records */
  eventCount: number
  /** Evidence: where the original octets are, at most 100 */
  rawRefs: RawRef[]
  /** Who took part, at most 100 */
  participants: Participant[]
  /** Assets concerned */
  assetIds: string[]
  /** Systems concerned */
  systemIds: string[]
  /** Log sources */
  sourceIds: string[]
  /** Rule of the device */
  triggeredRuleName: null | string
  /** Device */
  deviceName: null | string
  /** Indicators hit */
  indicatorIds: string[]
  /** Related cases, as type:caseId */
  related: string[]
  /** Legal clocks in force */
  clocks: ClockState[]
  /** Notices owed and their state */
  notices: NoticeState[]
  /** Latest 50 changes; all are on incident-changes */
  history: HistoryEntry[]
  /** unverified, supplementary-asked, confirmed or false-positive (VN-8.3b, VN-11.4d) */
  verification: string
  /** Confidence 0 to 100 that it is what it is said to be, where a person gave one */
  confidence: null | number
  /** Who reported it, where a person did, and by which channel */
  reportedBy: null | string
  /** Answers, measures and closures, the latest 50; all are on incident-changes */
  responses: CaseResponse[]
  /** Employees sent, at most 50 */
  visits: Visit[]
  /** With whom the case is shared, at most 50 */
  shares: Share[]
  /** Measures through packet filters, at most 50; each state is on response-actions */
  responseActions: CaseAction[]
}

/** One change of a case: append-only history from which clocks and audits are recomputed. */
export interface IncidentChange {
  /** Hash of (case id, revision) */
  changeId: string
  /** Id of the case */
  caseId: string
  /** Id of the constituent */
  constituent: string
  /** Revision of the case after the change */
  revision: number
  /** Time of the change, UTC */
  at: number
  /** True for an exercise */
  exercise: boolean
  /** Who: a user, service or pack */
  actor: string
  /** created, detection-added, promoted, verified, acknowledged, assigned, classified, answered, measure-taken, causes-eliminated, consequences-eliminated, closed, reopened, merged, split, shared, clock-started, clock-met, clock-breached, notice-owed, notice-delivered and the like */
  action: string
  /** Why */
  reason: null | string
  /** Changed facts, name to text */
  detail: Record<string, string>
  /** Regulation pack */
  pack: string
  /** Kind of the case after the change */
  kind: string
  /** Severity after the change */
  severity: number
  /** Canonical JSON of the case after the change */
  snapshot: string
}

/** A command on a case, from console, CLI, mail or API; answered on command-results. */
export interface IncidentCommand {
  /** UUID given by the sender; repeats are recognised by it */
  commandId: string
  /** Id of the constituent */
  constituent: string
  /** Id of the case; empty for create */
  caseId: string
  /** create, promote, verify, mark-false-positive, acknowledge, assign, classify, answer, measure-taken, causes-eliminated, consequences-eliminated, close, reopen, share, acknowledge-notice and the like */
  action: string
  /** Revision that the sender saw; a stale one is refused */
  expectedRevision: null | number
  /** User or system that commands */
  actor: string
  /** Roles of the actor */
  actorRoles: string[]
  /** console, cli, mail, form or api */
  channel: string
  /** Time of the command, UTC */
  issuedAt: number
  /** Why */
  reason: null | string
  /** Arguments, name to text */
  fields: Record<string, string>
}

/** One thing known bad. */
export interface Indicator {
  /** Hash of (feed, type, value) */
  indicatorId: string
  /** ip, cidr, domain, url or hash (threat.indicator.type) */
  type: string
  /** Value, canonical text */
  value: string
  /** List that it comes from (threat.feed.name) */
  feed: string
  /** Confidence 0 to 100 */
  confidence: number
  /** Marking */
  tlp: string
  /** unverified, verified or rejected (VN-4.3a) */
  verification: string
  /** Description (threat.indicator.description) */
  description: null | string
  /** Valid from, UTC */
  validFrom: number
  /** Valid until, UTC */
  validUntil: null | number
  /** Imported, UTC */
  importedAt: number
  /** True when withdrawn */
  revoked: boolean
}

/** An event that came behind the watermark of a correlation. */
export interface LateEvent {
  /** Id of the event */
  eventId: string
  /** Id of the constituent */
  constituent: string
  /** Correlation for which it was late */
  correlationId: string
  /** Base rule that matched */
  ruleId: string
  /** Event time, UTC */
  occurredAt: number
  /** Watermark at that moment, UTC */
  watermark: number
  /** How far behind, milliseconds */
  lagMs: number
  /** Source of the event */
  sourceId: null | string
}

/** One rule on one event, re-keyed for the windows; or how far event time has come upstream. */
export interface Match {
  /** match; watermark of a partition of events; or chain-watermark of a task of the windows */
  kind: string
  /** Id of the constituent; empty for a watermark */
  constituent: string
  /** Id of the correlation that this match feeds; empty for a watermark */
  correlationId: string
  /** Group key within that correlation */
  groupKey: string
  /** Id of the base rule that matched */
  ruleId: string
  /** Id of the event */
  eventId: string
  /** Event time, or the watermark itself, UTC */
  occurredAt: number
  /** Partition of enriched-events that it came from, or of matches for a chain-watermark; -1 for what a correlation hands on */
  sourcePartition: number
  /** True for exercise traffic */
  exercise: boolean
  /** Group-by names and values */
  groupBy: Record<string, string>
  /** Values that the correlation or the detection needs, ECS names */
  fields: Record<string, string>
}

/** A message owed to someone. */
export interface Notice {
  /** Hash of (case id or report id, clock id, recipient, purpose); a repeat is recognised */
  noticeId: string
  /** Id of the constituent that it is about */
  constituent: string
  /** Case that it is about */
  caseId: null | string
  /** Clock that it serves */
  clockId: null | string
  /** Legal duties */
  requirementIds: string[]
  /** Regulation pack */
  pack: string
  /** notify, warn, remind, escalate, recommend, report, operate or test */
  purpose: string
  /** Role: constituent, authorised-person, coordinator, nsc, authorized-body, shift, manager, operator and the like */
  recipientRole: string
  /** Contact chosen, if fixed */
  contactId: null | string
  /** True for an exercise: goes to test channels only */
  exercise: boolean
  /** Marking */
  tlp: string
  /** Time at which it became owed, UTC */
  createdAt: number
  /** Legal deadline, UTC */
  dueAt: null | number
  /** vi, kk, ru, zh-Hant or en */
  language: string
  /** Subject line */
  subject: string
  /** Text body */
  body: string
  /** Fields of the notice (KZ-N), name to text */
  fields: Record<string, string>
  /** Files to attach, as references */
  attachments: string[]
  /** Channels in the order tried: mail, webhook, sms, chat, telegram, telephone, fax, official-dispatch, website, console */
  channels: string[]
  /** True where the law lets it be told together with others to the same receiver, each listed; false: a message of its own */
  groupable: boolean
}

/** One gap in what a source sent or a process of ours saw, with its start and end (VN-3.1). */
export interface Outage {
  /** Hash of (subject, start) */
  outageId: string
  /** Constituent; centre for a process of ours */
  constituent: string
  /** source or process */
  subjectKind: string
  /** Id of the source, or service and slot of the process */
  subject: string
  /** Last sign before the gap, UTC */
  startedAt: number
  /** When the gap was found, UTC */
  noticedAt: number
  /** First sign after the gap, UTC; null while it lasts */
  endedAt: null | number
  /** Limit that it passed, seconds */
  limitSeconds: number
  /** declared, learned or default; none for a process */
  limitBasis: string
}

/** A batch of received frames from one source, octets untouched, as accepted at the door. Up to 500 frames, 64 KiB or 20 ms. */
export interface RawBlock {
  /** UUIDv7 given once at the door; event ids derive from it (design.md 2.3) */
  blockId: string
  /** Id of the constituent that the source belongs to, decided at the door */
  constituent: string
  /** Id of the registered source */
  sourceId: string
  /** Time at which the block was closed, UTC */
  receivedAt: number
  /** True when the source sends exercise or test traffic (VN-9.2) */
  exercise: boolean
  /** Listener that took the frames, for example udp:15514 */
  listener: string
  /** udp, tcp, tls, relp, https, beats or file */
  transport: string
  /** Address of the sender, RFC 5952 text (log.source.address) */
  peerAddress: string
  /** Port of the sender */
  peerPort: null | number
  /** Subject of the client certificate, if TLS asked for one */
  clientCertificate: null | string
  /** Stable id of the ingest process and slot that wrote the block; one hash chain each */
  ingestId: string
  /** Number of this block in the chain of ingestId, from 1 */
  chainSeq: number
  /** SHA-256 of the block before it in the same chain; 32 zero octets for the first */
  previousHash: Buffer
  /** SHA-256 over previousHash and the frames, each preceded by its length (4 octets, big endian) */
  blockHash: Buffer
  /** Frames in order of receipt */
  frames: RawFrame[]
}

/** A file or record that a sender dropped at our receiving half. */
export interface ReceivedItem {
  /** Hash of (sender, name, sha256) */
  itemId: string
  /** Sender */
  sender: string
  /** Format profile */
  profile: string
  /** File name */
  name: string
  /** Time, UTC */
  receivedAt: number
  /** SHA-256 */
  sha256: string
  /** Size */
  bytes: number
  /** accepted, rejected or quarantined */
  verdict: string
  /** Why */
  reason: null | string
  /** Fields read */
  caseFields: Record<string, string>
  /** True for an exercise */
  exercise: boolean
  /** Registered body that the item is about; empty where none is known: then it becomes no case */
  constituent: string
  /** Canonical JSON of the case that was read from it (packages/exchange); empty where it is none */
  sharedCase: string
  /** Time of this verdict, UTC: a later one of the same item replaces it */
  judgedAt: number
}

/** An asset: constituent, circuit, address and validity make its key (private addresses overlap). */
export interface RegistryAsset {
  /** Id of the asset */
  assetId: string
  /** Constituent */
  constituent: string
  /** inner or outer (KZ-A) */
  circuit: string
  /** Address or CIDR */
  ip: string
  /** Network name */
  hostname: null | string
  /** Structural unit */
  unit: null | string
  /** Floor */
  floor: null | string
  /** Office */
  office: null | string
  /** Responsible person; personal data */
  responsible: null | string
  /** Operating system, name and version */
  os: null | string
  /** Information system */
  systemId: null | string
  /** Importance 0 to 100 */
  criticality: number
  /** Valid from, UTC */
  validFrom: number
  /** Valid until, UTC */
  validTo: null | number
  /** Who */
  changedBy: string
  /** When, UTC */
  changedAt: number
  /** Why */
  reason: string
  /** True when withdrawn */
  deleted: boolean
}

/** One change of one entry of the registry: who, when, why, and how it was before. Kept for ever, so that the registry can be listed as of any date; a forgotten person's changes are deleted by their keys (XC-13). */
export interface RegistryChange {
  /** Id: section, id of the entry, instant and a part of the hash of what it became */
  changeId: string
  /** constituents, systems, assets, sources or contacts */
  section: string
  /** Id of the entry */
  recordId: string
  /** Constituent that the entry belongs to */
  constituent: string
  /** created, changed, withdrawn or forgotten */
  action: string
  /** Fields that differ, where it was changed */
  fields: string[]
  /** The entry before, JSON as in a registry file; null where there was none */
  before: null | string
  /** The entry after, JSON as in a registry file; null where there is none */
  after: null | string
  /** SHA-256 of the JSON that was deleted, where it was forgotten */
  hash: null | string
  /** File that it came from */
  origin: null | string
  /** Who */
  changedBy: string
  /** When, UTC */
  changedAt: number
  /** Why */
  reason: string
}

/** A body that events belong to. */
export interface RegistryConstituent {
  /** Id; lower-case letters, digits and hyphens */
  constituentId: string
  /** Official name */
  name: string
  /** Name by language */
  names: Record<string, string>
  /** ISO 3166-1 code of the jurisdiction */
  country: string
  /** Regulation pack in force */
  pack: string
  /** Roles: state-body, manager, operator, agency and the like */
  roles: string[]
  /** Object identifier (TW field 4) */
  oid: null | string
  /** National ids, scheme to value */
  nationalIds: Record<string, string>
  /** Class 1 to 5 (VN) */
  systemClass: null | number
  /** Level A to E (TW) */
  agencyLevel: null | string
  /** Sector */
  sector: null | string
  /** Body above */
  parentId: null | string
  /** Flags that decide legal scope: mnd, mps, state-secret, special-purpose, national-bank and the like (VN-1.1, KZ-4) */
  legalScope: string[]
  /** National Bank objects (KZ-4.3) */
  integratedWithEgov: null | boolean
  /** VN-13.5 */
  servesEGovernment: null | boolean
  /** Group that decides its indices and topics */
  group: string
  /** IANA zone */
  timeZone: string
  /** Languages of notices, preferred first */
  languages: string[]
  /** Valid from, UTC */
  validFrom: number
  /** Valid until, UTC */
  validTo: null | number
  /** Who changed it */
  changedBy: string
  /** When, UTC */
  changedAt: number
  /** Why */
  reason: string
  /** True when withdrawn */
  deleted: boolean
  /** Time limits of its own regulation: a setting of the pack → ISO 8601 duration (VN-5.3b) */
  limits: Record<string, string>
}

/** A person or desk that receives notices (VN-7.4). */
export interface RegistryContact {
  /** Id of the contact */
  contactId: string
  /** Constituent; the centre's own desks belong to the constituent centre */
  constituent: string
  /** Role: constituent, authorised-person, coordinator, nsc, authorized-body, shift, manager, operator, unit-in-charge */
  role: string
  /** Name */
  name: string
  /** Position */
  position: null | string
  /** Postal address */
  address: null | string
  /** Telephone */
  phone: null | string
  /** Mobile telephone */
  mobile: null | string
  /** E-mail */
  email: null | string
  /** Webhook address */
  webhook: null | string
  /** Language of notices */
  language: string
  /** Certificate, PEM */
  certificate: null | string
  /** Expiry, UTC */
  certificateExpiresAt: null | number
  /** Channels in order */
  channels: string[]
  /** True: receives exercise notices only */
  test: boolean
  /** Valid from, UTC */
  validFrom: number
  /** Valid until, UTC */
  validTo: null | number
  /** Who */
  changedBy: string
  /** When, UTC */
  changedAt: number
  /** Why */
  reason: string
  /** True when withdrawn */
  deleted: boolean
  /** Department (VN-7.4) */
  department: null | string
  /** person or department; a person has all fields of VN-7.4, a department may leave the name empty */
  kind: string
  /** Addresses on further channels, by channel: fax (number), chat (URL of an incoming webhook), telegram (chat id), website (public address of the page of notices) */
  addresses: Record<string, string>
}

/** A registered log sender. */
export interface RegistrySource {
  /** Id of the source */
  sourceId: string
  /** Constituent */
  constituent: string
  /** Name */
  name: string
  /** Addresses or CIDRs that may send */
  addresses: string[]
  /** Client certificate subjects that may send */
  certificateSubjects: string[]
  /** Listeners that it may use; empty for any */
  listeners: string[]
  /** inner or outer */
  circuit: string
  /** application, system, security-device, web-server, firewall or monitoring (VN-5.1d) */
  kind: string
  /** basic, equipment, indirect or other (VN-11.4c) */
  sourceChannel: string
  /** IANA zone of times without one */
  timeZone: string
  /** Character set of its lines */
  charset: string
  /** Format that it sends, where known */
  formatHint: null | string
  /** Longest silence that is normal */
  expectedIntervalSeconds: null | number
  /** Systems that it serves */
  systemIds: string[]
  /** Ids of the Internet connections that it watches or protects (VN-5.2b) */
  connections: string[]
  /** Contacts of whoever runs it: told of its silence, its clock and its rate */
  contactIds: string[]
  /** STS, SB or provider (KZ-6.1) */
  maintainedBy: null | string
  /** Position in the network */
  position: null | string
  /** Version of the sensor */
  version: null | string
  /** Hash of its configuration */
  configHash: null | string
  /** Flags that exclude it */
  legalScope: string[]
  /** Device name and model (TW field 22) */
  deviceName: null | string
  /** True when it sends exercise traffic */
  exercise: boolean
  /** Who */
  changedBy: string
  /** When, UTC */
  changedAt: number
  /** Why */
  reason: string
  /** True when withdrawn */
  deleted: boolean
}

/** An information system under surveillance (VN-A1). */
export interface RegistrySystem {
  /** Id of the system */
  systemId: string
  /** Constituent */
  constituent: string
  /** Name (A1-1) */
  name: string
  /** Description (A1-1) */
  description: string
  /** Class 1 to 5 */
  systemClass: number
  /** Addresses (A1-2) */
  ips: string[]
  /** Domain names (A1-3) */
  domains: string[]
  /** Services provided (A1-4) */
  services: string[]
  /** Operating systems, name and version (A1-5) */
  os: string[]
  /** Web applications, name and version (A1-6) */
  webApps: string[]
  /** Position of the surveillance system (A1-7) */
  monitoringPosition: null | string
  /** Capacity of lines (A1-8) */
  linkCapacityMbps: number[]
  /** Information collected and protocol, as kind:protocol (A1-9, A1-10) */
  expectedInputs: string[]
  /** Ids of its Internet connections (VN-5.2b) */
  internetConnections: string[]
  /** True when it is reached by an encrypted protocol such as https (VN-5.2d) */
  usesHttps: boolean
  /** What lets surveillance see into encrypted traffic: terminating-proxy-log, waf-after-decryption, server-log, tls-metadata or decrypting-mirror (VN-5.2d) */
  httpsMeasure: null | string
  /** direct, indirect or both (VN-4.1a) */
  surveillanceMode: string
  /** self, provider or ministry (VN-4.1a) */
  performedBy: string
  /** Flags that exclude the object (KZ-4) */
  legalScope: string[]
  /** Who */
  changedBy: string
  /** When, UTC */
  changedAt: number
  /** Why */
  reason: string
  /** True when withdrawn */
  deleted: boolean
  /** planned, active or retired; one of class 3 or higher is active only with somebody in charge (VN-7.1) */
  state: string
}

/** A statutory report that was rendered. */
export interface Report {
  /** Hash of (kind, pack, constituent, period) */
  reportId: string
  /** Kind, for example vn-daily */
  kind: string
  /** Regulation pack */
  pack: string
  /** Constituent that it is about; * for all */
  constituent: string
  /** Start of the period, UTC */
  from: number
  /** End of the period, exclusive, UTC */
  to: number
  /** Rises when rendered again */
  revision: number
  /** True for an exercise */
  exercise: boolean
  /** Language */
  language: string
  /** Time of rendering, UTC */
  createdAt: number
  /** Legal deadline, UTC */
  dueAt: null | number
  /** Files */
  files: ReportFile[]
  /** Totals printed, name to number */
  totals: Record<string, number>
  /** Template and its version, vn-weekly@1.0.0 (XC-9) */
  template: string
  /** Version of the pack in force at the start of the period (XC-2) */
  packVersion: string
  /** SHA-256 over every query with its answer and every list that was printed (XC-9) */
  dataSha256: string
  /** Scheduled time of a run that was missed and is made up for by this report, UTC */
  missedAt: null | number
}

/** Anything formally asked of someone. */
export interface Request {
  /** Id of the request */
  requestId: string
  /** Kind, for example help, instruction, inspection, supplementary-collection */
  kind: string
  /** Constituent concerned */
  constituent: string
  /** Who asks */
  from: string
  /** Who is asked */
  to: string
  /** Legal ground */
  ground: string
  /** Subject */
  subject: string
  /** Text */
  body: string
  /** Time, UTC */
  createdAt: number
  /** Due, UTC */
  dueAt: null | number
  /** open, answered, overdue, refused or closed */
  state: string
  /** Answer */
  answer: null | string
  /** Time of the answer, UTC */
  answeredAt: null | number
  /** Files, as references with hashes */
  files: string[]
  /** Proof of sending */
  proof: null | string
  /** True for an exercise */
  exercise: boolean
  /** Number for people, R-<country>-<year>-<partition>-<number>; empty in records older than the numbering */
  number: string
  /** Regulation pack whose clocks it has */
  pack: string
  /** Person or service that opened it */
  openedBy: string
  /** System that it is about, where one is named */
  systemId: null | string
  /** Person who answered */
  answeredBy: null | string
  /** Files of the answer, as name, size and SHA-256 */
  answerFiles: string[]
  /** Time at which it was closed or refused, UTC */
  closedAt: null | number
  /** Schedule of the pack that it comes from, where it comes back each period: C5 */
  scheduleId: null | string
  /** First day of that period, local: 2026-10-01 */
  period: null | string
  /** What the answer changed against the period before, one line each */
  difference: null | string
}

/** A measure through a source: block an address, isolate a host. */
export interface ResponseAction {
  /** Id of the action */
  actionId: string
  /** Case */
  caseId: string
  /** Constituent */
  constituent: string
  /** block-address or isolate-host */
  kind: string
  /** What is blocked or isolated */
  target: string
  /** Source through which */
  viaSourceId: null | string
  /** Whether it can be done (KZ-10.3j) */
  technicallyPossible: boolean
  /** Why, or why not */
  why: string
  /** proposed, approved (the filter is asked), applied, failed, reverting (the filter is asked to undo), reverted or refused */
  state: string
  /** Who asked */
  requestedBy: string
  /** Who approved: never the one who asked (XC-12) */
  approvedBy: string[]
  /** Time of this state, UTC */
  at: number
  /** True for an exercise; the filter is never asked */
  exercise: boolean
  /** Counts the states; what the filter did is told for one of them */
  revision: number
  /** Why it was asked for */
  reason: string
  /** When it was asked for, UTC */
  requestedAt: number
  /** Until when it can be approved, UTC */
  expiresAt: number
  /** When it was approved, UTC */
  approvedAt: null | number
  /** When the filter said that it is in effect, UTC */
  appliedAt: null | number
  /** When the filter said that it is undone, UTC */
  revertedAt: null | number
  /** Who refused it, or asked to undo it */
  endedBy: null | string
  /** Why it was refused or undone */
  endReason: null | string
  /** What the filter said last, bounded to 500 characters */
  reply: null | string
}

/** A published set of rules: what the engine runs. */
export interface RuleSet {
  /** Name of the set */
  ruleSetId: string
  /** Hash of its content */
  version: string
  /** Time, UTC */
  publishedAt: number
  /** Who */
  publishedBy: string
  /** Files of the set */
  files: RuleFile[]
  /** Placeholder lists, name to JSON array */
  placeholders: Record<string, string>
}

/** Rules, parsers or settings that the sensors of a group are to have (VN-10.1a). */
export interface SensorPack {
  /** <group>/<name> */
  packId: string
  /** Group of sensors that it is for */
  group: string
  /** Name of the pack, also of its folder at the sensor */
  name: string
  /** SHA-256 over paths and contents, hexadecimal */
  version: string
  /** JSON of path to content in base64, compressed with gzip; at most 700 KiB */
  archive: Buffer
  /** Number of files */
  fileCount: number
  /** When, UTC */
  pushedAt: number
  /** Who */
  pushedBy: string
  /** True when withdrawn: the sensors take it away */
  deleted: boolean
}

/** What a sensor last said of itself and of the packs that were pushed to it (VN-10.1a, VN-5.2e). */
export interface SensorState {
  /** Id of the sensor: that of its registered source */
  sensorId: string
  /** Constituent that the sensor is enrolled for */
  constituent: string
  /** Groups that it belongs to */
  groups: string[]
  /** When the centre got this, UTC */
  reportedAt: number
  /** How often it reports */
  everySeconds: number
  /** Version of the agent */
  agentVersion: string
  /** Version of the sensor as it prints it */
  sensorVersion: null | string
  /** SHA-256 over its configuration files, hexadecimal */
  configHash: null | string
  /** Result for each pack */
  packs: PackResult[]
}

/** Counts of one hop for one source and minute; the sums of all hops must agree. */
export interface SourceCount {
  /** Hash of (service, slot, source, minute, sequence) */
  countId: string
  /** Id of the source; unknown:<listener> where none is known */
  sourceId: string
  /** Id of the constituent */
  constituent: string
  /** Service that counts */
  service: string
  /** Slot of the process */
  slot: string
  /** Start of the minute of receipt, UTC */
  minute: number
  /** Frames or records that came in */
  received: number
  /** Acknowledged by Kafka, or passed on */
  accepted: number
  /** Refused with a reason */
  refused: number
  /** Lost, counted by the kernel or by a full buffer */
  dropped: number
  /** Became events */
  normalized: number
  /** Went to dead letters */
  rejected: number
  /** Refused, dropped and rejected by reason */
  reasons: Record<string, number>
  /** Receive time of the newest frame or record that is counted here, UTC */
  lastAt: null | number
  /** Greatest skew of the source clock in a sample of these lines (line time less receive time, milliseconds): what is held back on the way only makes it smaller */
  skewMs: null | number
}

/** How a log sender does: when it was last heard, how much it sends against what is usual, and whether its clock is right. */
export interface SourceState {
  /** Id of the source */
  sourceId: string
  /** Constituent */
  constituent: string
  /** heard, silent or never-heard */
  state: string
  /** Since when it is in that state, UTC; for a silence the last line before it */
  since: number
  /** Receive time of its newest line, UTC */
  lastSeenAt: null | number
  /** Longest silence that is let pass, seconds */
  limitSeconds: number
  /** Where the limit comes from: declared, learned or default */
  limitBasis: string
  /** usual, low, high or unlearned: lines of the last hour against its rhythm */
  rate: string
  /** Lines accepted in the last full hour */
  linesLastHour: number
  /** Lines that are usual for that hour of that kind of day */
  linesUsual: null | number
  /** right, wrong or unknown */
  clock: string
  /** Skew of its clock, milliseconds; positive when it is ahead */
  skewMs: null | number
  /** Time of this record, UTC */
  updatedAt: number
}

/** A rule made from a false positive: detections like it open no case until it ends. Compacted; the newest state counts. */
export interface Suppression {
  /** Hash of constituent, rule and group */
  suppressionId: string
  /** Id of the constituent (organization.id) */
  constituent: string
  /** The false positive that it was made from */
  caseId: string
  /** Detections of this rule (rule.id) */
  ruleId: string
  /** Detections of this group: constituent, entities and technique */
  groupKey: string
  /** Highest level that is suppressed; a graver detection opens a case all the same */
  maxLevel: string
  /** Why it is a false positive */
  reason: string
  /** True for an exercise */
  exercise: boolean
  /** Time, UTC */
  createdAt: number
  /** Who made it */
  createdBy: string
  /** End, UTC; nothing is suppressed for ever */
  expiresAt: number
  /** Lifted before its end, UTC */
  liftedAt: null | number
  /** Who lifted it */
  liftedBy: null | string
}

/** A Taiwan ticket (one file): cut from a detection, with its number and ledger state. */
export interface Ticket {
  /** Event_ID: unique for ever in the Organization, also the file name */
  ticketId: string
  /** Case */
  caseId: string
  /** Detection that it was cut from */
  detectionId: string
  /** Agency */
  constituent: string
  /** Export profile, for example tw-nccst-1.3 */
  profile: string
  /** True: goes to the test endpoint only */
  exercise: boolean
  /** Counter of the unit and day */
  number: number
  /** Related ticket (Base_Event_ID) */
  baseTicketId: null | string
  /** Time of issue, UTC */
  issuedAt: number
  /** True first record, UTC (AMB-TW4) */
  firstRecordAt: number
  /** Moment of detection, UTC */
  detectedAt: number
  /** Hard limit of one hour, UTC */
  dueAt: number
  /** queued, uploading, uploaded, sent-unverified, quarantined or withheld */
  state: string
  /** Time of that state, UTC */
  stateAt: number
  /** Why withheld or quarantined */
  reason: null | string
  /** File name */
  fileName: string
  /** SHA-256 of the file */
  sha256: string
  /** Size of the file */
  bytes: number
  /** The file, as text */
  xml: string
  /** The 28 fields by name */
  fields: Record<string, string>
  /** Upload attempts */
  attempts: number
  /** Last reply of the server */
  reply: null | string
}

/** One input that is asked for. */
export interface CoverageInput {
  /** web-server, monitoring, firewall, sensor or https-measure */
  input: string
  /** covered, silent or missing */
  state: string
  /** Registered sources that give it */
  sourceIds: string[]
  /** Newest line of any of them, UTC */
  lastSeenAt: null | number
}

/** Where the original octets of one event are. */
export interface RawRef {
  /** Id of the event */
  eventId: string
  /** Id of the raw block */
  blockId: string
  /** Index of the frame */
  frameIndex: number
  /** Text of the line, bounded to 1 KiB */
  original: null | string
}

/** One side of what happened. */
export interface Participant {
  /** source, target, relay or c2 */
  role: string
  /** Address */
  ip: null | string
  /** Port */
  port: null | number
  /** Transport protocol */
  protocol: null | string
  /** Host name */
  host: null | string
  /** Domain */
  domain: null | string
  /** Account */
  account: null | string
  /** Country code */
  country: null | string
  /** Autonomous system number */
  asn: null | number
  /** Longitude */
  lon: null | number
  /** Latitude */
  lat: null | number
  /** Records that name it */
  count: number
}

/** An indicator that was hit, with the list that it is from and whether anybody verified it. */
export interface IndicatorHit {
  /** Id of the indicator */
  indicatorId: string
  /** ip, cidr, domain, url or hash */
  type: string
  /** The indicator's value */
  value: string
  /** Field of the event that hit, ECS name */
  field: string
  /** Name of the list */
  feed: string
  /** Confidence 0 to 100 */
  confidence: number
  /** unverified or verified, as it was when it hit */
  verification: string
}

/** The registered asset behind an address (KZ-A columns 2 to 8). */
export interface AssetMatch {
  /** Id of the asset */
  assetId: string
  /** Id of the information system */
  systemId: null | string
  /** Network name (KZ-A column 6) */
  hostname: null | string
  /** Structural unit (column 3) */
  unit: null | string
  /** Floor and office (column 4) */
  location: null | string
  /** Responsible person (column 5); personal data */
  responsible: null | string
  /** Operating system, name and version (column 8) */
  os: null | string
  /** Importance 0 to 100 */
  criticality: number
}

/** One hit on an indicator list. */
export interface IndicatorMatch {
  /** Id of the indicator */
  indicatorId: string
  /** ip, cidr, domain, url or hash (threat.indicator.type) */
  type: string
  /** The indicator's value */
  value: string
  /** Field of the event that hit, ECS name */
  field: string
  /** Name of the list (threat.feed.name) */
  feed: string
  /** Confidence 0 to 100 (threat.indicator.confidence) */
  confidence: number
  /** Marking of the indicator */
  tlp: string
  /** What the indicator counted as when it hit: unverified or verified (VN-4.3a) */
  verification: string
}

/** One legal clock of the case. */
export interface ClockState {
  /** Id within the pack, for example C1 */
  clockId: string
  /** Legal duties, for example KZ-10.3g */
  requirementIds: string[]
  /** Short title, English */
  title: string
  /** Name of the moment it starts at */
  startMoment: string
  /** Start, UTC */
  startAt: number
  /** Due, UTC */
  dueAt: number
  /** running, met, breached or cancelled */
  state: string
  /** When met */
  metAt: null | number
  /** Id of the record that proves it */
  proof: null | string
  /** Recipient roles */
  recipients: string[]
}

/** A notice owed for the case. */
export interface NoticeState {
  /** Id of the notice */
  noticeId: string
  /** Clock that it serves */
  clockId: null | string
  /** Role of the recipient */
  recipientRole: string
  /** owed, sent, delivered, acknowledged or failed */
  state: string
  /** Due, UTC */
  dueAt: null | number
  /** Proof of delivery, UTC */
  deliveredAt: null | number
}

/** One change. */
export interface HistoryEntry {
  /** Time, UTC */
  at: number
  /** Who */
  actor: string
  /** What */
  action: string
  /** Why, or with what */
  detail: null | string
}

/** What somebody answered or did. */
export interface CaseResponse {
  /** Time, UTC */
  at: number
  /** Who */
  by: string
  /** event-analysis, measures, result, measure-taken, causes-eliminated, consequences-eliminated or supplementary */
  kind: string
  /** Text, bounded to 2,000 characters */
  text: string
  /** Evidence: a file with its hash, a place, a record */
  evidence: null | string
}

/** An employee sent to the body (KZ-10.3k). */
export interface Visit {
  /** Id of the visit */
  visitId: string
  /** Who decided that it is needed: nsc or sts */
  decidedBy: string
  /** Whom */
  employee: string
  /** When it was decided, UTC */
  sentAt: number
  /** Arrival, UTC */
  arrivedAt: null | number
  /** Result */
  result: null | string
}

/** A decision to share the case (VN-8.1). */
export interface Share {
  /** Time, UTC */
  at: number
  /** Who */
  by: string
  /** Sharing group */
  group: string
  /** Marking under which it is shared */
  tlp: string
  /** State of verification at that moment (VN-8.3b) */
  verification: string
}

/** A measure through a packet filter (KZ-10.3j). */
export interface CaseAction {
  /** Id of the action */
  actionId: string
  /** Counts its states */
  revision: number
  /** block-address or isolate-host */
  kind: string
  /** Address */
  target: string
  /** Packet filter, by its id in the registry */
  viaSourceId: string
  /** proposed, approved, applied, failed, reverting, reverted or refused */
  state: string
  /** Why it was asked for */
  reason: string
  /** Who asked */
  requestedBy: string
  /** When, UTC */
  requestedAt: number
  /** Until when it can be approved, UTC */
  expiresAt: number
  /** Who approved: never the one who asked */
  approvedBy: null | string
  /** When, UTC */
  approvedAt: null | number
  /** In effect since, UTC */
  appliedAt: null | number
  /** Undone, UTC */
  revertedAt: null | number
  /** Who refused it, or asked to undo it */
  endedBy: null | string
  /** Why */
  endReason: null | string
  /** What the filter said last */
  reply: null | string
}

/** One frame as received, framing removed, octets untouched. */
export interface RawFrame {
  /** The octets of the frame */
  octets: Buffer
  /** Receive time of the frame, UTC */
  receivedAt: number
  /** Octets cut from the end because the frame was longer than the bound; 0 when whole */
  truncatedBytes: number
  /** datagram, octet-counting, newline, nul, relp, beats or ndjson */
  framing: string
  /** Id of the collector that forwarded the frame (tocsin collect) */
  collectorId: null | string
  /** Sequence number at that collector */
  collectorSeq: null | number
  /** True when an equal frame of the same sender may have been accepted shortly before: it came after a broken session, and the sender repeats what it saw no answer for (RELP, Beats) */
  possibleRepeat: boolean
}

/** One rendered file. */
export interface ReportFile {
  /** Path below the report folder */
  path: string
  /** Media type */
  mime: string
  /** Size */
  bytes: number
  /** SHA-256 */
  sha256: string
}

/** One rule file. */
export interface RuleFile {
  /** Path within the set */
  path: string
  /** Text of the file */
  content: string
}

/** What became of one pack at one sensor. */
export interface PackResult {
  /** Name of the pack */
  name: string
  /** Version that was tried */
  version: string
  /** applied, refused (the one before stays) or removed */
  state: string
  /** Why it was refused, one line */
  message: null | string
  /** When, by the clock of the sensor, UTC */
  at: number
}

/** Record type by record name (the file name in schemas/). */
export interface RecordTypes {
  'audit-entry': AuditEntry
  'clock-event': ClockEvent
  'command-result': CommandResult
  'coverage-state': CoverageState
  'daily-fact': DailyFact
  'dead-letter': DeadLetter
  'delivery': Delivery
  'detection': Detection
  'enriched-event': EnrichedEvent
  'event': Event
  'evidence-checkpoint': EvidenceCheckpoint
  'feed-record': FeedRecord
  'health-event': HealthEvent
  'incident': Incident
  'incident-change': IncidentChange
  'incident-command': IncidentCommand
  'indicator': Indicator
  'late-event': LateEvent
  'match': Match
  'notice': Notice
  'outage': Outage
  'raw-block': RawBlock
  'received-item': ReceivedItem
  'registry-asset': RegistryAsset
  'registry-change': RegistryChange
  'registry-constituent': RegistryConstituent
  'registry-contact': RegistryContact
  'registry-source': RegistrySource
  'registry-system': RegistrySystem
  'report': Report
  'request': Request
  'response-action': ResponseAction
  'rule-set': RuleSet
  'sensor-pack': SensorPack
  'sensor-state': SensorState
  'source-count': SourceCount
  'source-state': SourceState
  'suppression': Suppression
  'ticket': Ticket
}

/** Every record name, in alphabetical order. */
export const RECORD_NAMES = [
  'audit-entry',
  'clock-event',
  'command-result',
  'coverage-state',
  'daily-fact',
  'dead-letter',
  'delivery',
  'detection',
  'enriched-event',
  'event',
  'evidence-checkpoint',
  'feed-record',
  'health-event',
  'incident',
  'incident-change',
  'incident-command',
  'indicator',
  'late-event',
  'match',
  'notice',
  'outage',
  'raw-block',
  'received-item',
  'registry-asset',
  'registry-change',
  'registry-constituent',
  'registry-contact',
  'registry-source',
  'registry-system',
  'report',
  'request',
  'response-action',
  'rule-set',
  'sensor-pack',
  'sensor-state',
  'source-count',
  'source-state',
  'suppression',
  'ticket',
] as const satisfies readonly (keyof RecordTypes)[]

/** Typed fields of an enriched event by ECS name, with their Avro types; the first ones are those of the plain event. */
export const ECS_FIELDS = {
  'event.id': { name: 'eventId', type: 'string' },
  '@timestamp': { name: 'occurredAt', type: 'long' },
  'organization.id': { name: 'constituent', type: 'string' },
  'tocsin.severity': { name: 'severity', type: 'int' },
  'event.dataset': { name: 'dataset', type: 'string' },
  'event.created': { name: 'receivedAt', type: 'long' },
  'event.original': { name: 'original', type: 'string' },
  'message': { name: 'message', type: 'string' },
  'event.kind': { name: 'kind', type: 'string' },
  'event.category': { name: 'category', type: 'string[]' },
  'event.type': { name: 'type', type: 'string[]' },
  'event.outcome': { name: 'outcome', type: 'string' },
  'event.action': { name: 'event_action', type: 'string' },
  'event.code': { name: 'event_code', type: 'string' },
  'event.severity': { name: 'event_severity', type: 'long' },
  'event.reason': { name: 'event_reason', type: 'string' },
  'event.provider': { name: 'event_provider', type: 'string' },
  'event.duration': { name: 'event_duration', type: 'long' },
  'host.name': { name: 'host_name', type: 'string' },
  'host.ip': { name: 'host_ip', type: 'string[]' },
  'observer.name': { name: 'observer_name', type: 'string' },
  'observer.vendor': { name: 'observer_vendor', type: 'string' },
  'observer.product': { name: 'observer_product', type: 'string' },
  'observer.type': { name: 'observer_type', type: 'string' },
  'source.ip': { name: 'source_ip', type: 'string' },
  'source.port': { name: 'source_port', type: 'int' },
  'source.mac': { name: 'source_mac', type: 'string' },
  'source.bytes': { name: 'source_bytes', type: 'long' },
  'source.domain': { name: 'source_domain', type: 'string' },
  'source.nat.ip': { name: 'source_nat_ip', type: 'string' },
  'destination.ip': { name: 'destination_ip', type: 'string' },
  'destination.port': { name: 'destination_port', type: 'int' },
  'destination.mac': { name: 'destination_mac', type: 'string' },
  'destination.bytes': { name: 'destination_bytes', type: 'long' },
  'destination.domain': { name: 'destination_domain', type: 'string' },
  'destination.nat.ip': { name: 'destination_nat_ip', type: 'string' },
  'network.transport': { name: 'network_transport', type: 'string' },
  'network.protocol': { name: 'network_protocol', type: 'string' },
  'network.direction': { name: 'network_direction', type: 'string' },
  'network.bytes': { name: 'network_bytes', type: 'long' },
  'user.name': { name: 'user_name', type: 'string' },
  'user.domain': { name: 'user_domain', type: 'string' },
  'user.id': { name: 'user_id', type: 'string' },
  'user.target.name': { name: 'user_target_name', type: 'string' },
  'process.name': { name: 'process_name', type: 'string' },
  'process.pid': { name: 'process_pid', type: 'long' },
  'process.executable': { name: 'process_executable', type: 'string' },
  'process.command_line': { name: 'process_command_line', type: 'string' },
  'process.parent.executable': { name: 'process_parent_executable', type: 'string' },
  'process.parent.command_line': { name: 'process_parent_command_line', type: 'string' },
  'file.path': { name: 'file_path', type: 'string' },
  'file.name': { name: 'file_name', type: 'string' },
  'file.hash.sha256': { name: 'file_hash_sha256', type: 'string' },
  'file.hash.md5': { name: 'file_hash_md5', type: 'string' },
  'registry.path': { name: 'registry_path', type: 'string' },
  'url.original': { name: 'url_original', type: 'string' },
  'url.path': { name: 'url_path', type: 'string' },
  'url.query': { name: 'url_query', type: 'string' },
  'url.domain': { name: 'url_domain', type: 'string' },
  'http.request.method': { name: 'http_request_method', type: 'string' },
  'http.request.referrer': { name: 'http_request_referrer', type: 'string' },
  'http.response.status_code': { name: 'http_response_status_code', type: 'int' },
  'http.response.body.bytes': { name: 'http_response_body_bytes', type: 'long' },
  'user_agent.original': { name: 'user_agent_original', type: 'string' },
  'tls.version': { name: 'tls_version', type: 'string' },
  'tls.client.server_name': { name: 'tls_client_server_name', type: 'string' },
  'dns.question.name': { name: 'dns_question_name', type: 'string' },
  'dns.question.type': { name: 'dns_question_type', type: 'string' },
  'rule.name': { name: 'rule_name', type: 'string' },
  'rule.id': { name: 'rule_id', type: 'string' },
  'rule.category': { name: 'rule_category', type: 'string' },
  'email.from.address': { name: 'email_from_address', type: 'string[]' },
  'email.to.address': { name: 'email_to_address', type: 'string[]' },
  'email.subject': { name: 'email_subject', type: 'string' },
  'log.syslog.facility.code': { name: 'syslog_facility', type: 'int' },
  'log.syslog.severity.code': { name: 'syslog_priority', type: 'int' },
  'source.geo.country_iso_code': { name: 'source_geo_country_iso_code', type: 'string' },
  'source.geo.city_name': { name: 'source_geo_city_name', type: 'string' },
  'source.geo.lon': { name: 'source_geo_lon', type: 'double' },
  'source.geo.lat': { name: 'source_geo_lat', type: 'double' },
  'source.as.number': { name: 'source_as_number', type: 'long' },
  'source.as.organization.name': { name: 'source_as_organization_name', type: 'string' },
  'destination.geo.country_iso_code': { name: 'destination_geo_country_iso_code', type: 'string' },
  'destination.geo.city_name': { name: 'destination_geo_city_name', type: 'string' },
  'destination.geo.lon': { name: 'destination_geo_lon', type: 'double' },
  'destination.geo.lat': { name: 'destination_geo_lat', type: 'double' },
  'destination.as.number': { name: 'destination_as_number', type: 'long' },
  'destination.as.organization.name': { name: 'destination_as_organization_name', type: 'string' },
  'tocsin.scanner.name': { name: 'sourceScanner', type: 'string' },
  'user_agent.name': { name: 'user_agent_name', type: 'string' },
  'user_agent.version': { name: 'user_agent_version', type: 'string' },
  'user_agent.os.name': { name: 'user_agent_os_name', type: 'string' },
  'user_agent.device.name': { name: 'user_agent_device_name', type: 'string' },
} as const
