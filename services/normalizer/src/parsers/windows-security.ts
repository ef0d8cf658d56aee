import type { EventDraft } from '../draft.ts'
import type { Line, Parser } from '../parser.ts'
import { readTime } from '../time/read-time.ts'

interface Meaning {
  readonly action: string
  readonly category: string[]
  readonly type: string[]
  /** Whose account is `user.*`; the other one of an account change is `user.target.*`. */
  readonly user: 'Subject' | 'Target'
  readonly outcome?: 'success' | 'failure'
}

const logon = (action: string, outcome: 'success' | 'failure'): Meaning => ({
  action,
  category: ['authentication'],
  type: ['start'],
  user: 'Target',
  outcome,
})
const account = (action: string, type: string[]): Meaning => ({
  action,
  category: ['iam'],
  type,
  user: 'Subject',
  outcome: 'success',
})

/** Security channel ids of interest; Microsoft, "Appendix L: Events to Monitor". Others are read without a meaning. */
const meanings: Record<string, Meaning> = {
  '4624': logon('logged-in', 'success'),
  '4625': logon('logon-failed', 'failure'),
  '4634': { action: 'logged-out', category: ['authentication'], type: ['end'], user: 'Target', outcome: 'success' },
  '4647': { action: 'logged-out', category: ['authentication'], type: ['end'], user: 'Target', outcome: 'success' },
  '4648': { ...logon('logged-in-explicit', 'success'), user: 'Subject' },
  '4672': { action: 'logged-in-special', category: ['iam'], type: ['admin'], user: 'Subject', outcome: 'success' },
  '4688': { action: 'created-process', category: ['process'], type: ['start'], user: 'Subject', outcome: 'success' },
  '4689': { action: 'exited-process', category: ['process'], type: ['end'], user: 'Subject', outcome: 'success' },
  '4697': {
    action: 'service-installed',
    category: ['iam', 'configuration'],
    type: ['admin', 'change'],
    user: 'Subject',
    outcome: 'success',
  },
  '4720': account('added-user-account', ['user', 'creation']),
  '4722': account('enabled-user-account', ['user', 'change']),
  '4723': account('changed-password', ['user', 'change']),
  '4724': account('reset-password', ['user', 'change']),
  '4725': account('disabled-user-account', ['user', 'deletion']),
  '4726': account('deleted-user-account', ['user', 'deletion']),
  '4727': account('added-group-account', ['group', 'creation']),
  '4728': account('added-member-to-group', ['group', 'change']),
  '4729': account('removed-member-from-group', ['group', 'change']),
  '4730': account('deleted-group-account', ['group', 'deletion']),
  '4731': account('added-group-account', ['group', 'creation']),
  '4732': account('added-member-to-group', ['group', 'change']),
  '4733': account('removed-member-from-group', ['group', 'change']),
  '4734': account('deleted-group-account', ['group', 'deletion']),
  '4738': account('modified-user-account', ['user', 'change']),
  '4740': { ...account('locked-out-user-account', ['user', 'change']), user: 'Subject' },
  '4741': account('added-computer-account', ['creation', 'admin']),
  '4742': account('changed-computer-account', ['change', 'admin']),
  '4743': account('deleted-computer-account', ['deletion', 'admin']),
  '4756': account('added-member-to-group', ['group', 'change']),
  '4757': account('removed-member-from-group', ['group', 'change']),
  '4767': account('unlocked-user-account', ['user', 'change']),
  '4768': logon('kerberos-authentication-ticket-requested', 'success'),
  '4769': { ...logon('kerberos-service-ticket-requested', 'success') },
  '4770': { ...logon('kerberos-service-ticket-renewed', 'success') },
  '4771': logon('kerberos-preauth-failed', 'failure'),
  '4776': logon('credential-validated', 'success'),
  '4778': logon('session-reconnected', 'success'),
  '4779': { ...logon('session-disconnected', 'success'), type: ['end'] },
  '1102': {
    action: 'audit-log-cleared',
    category: ['iam'],
    type: ['admin', 'change'],
    user: 'Subject',
    outcome: 'success',
  },
}

const outcomes: Record<string, 'success' | 'failure'> = {
  '0x8020000000000000': 'success',
  '0x8010000000000000': 'failure',
}

/** Windows events of the Security channel in any wrapper: winlogbeat, NXLog (nested or flat), evtx as JSON, event XML. */
export const windowsSecurity: Parser = {
  name: 'windows_security',
  log: { product: 'windows', service: 'security' },
  frames: ['json', 'xml'],
  recognises: (line) => (line.frame.kind === 'json' || line.frame.kind === 'xml') && isSecurity(line),
  read(line, event) {
    const id = eventId(line)
    if (id === undefined) return false
    readWindowsHead(id, line, event)
    const meaning = meanings[id]
    const audited =
      outcomes[(line.value('Keywords') ?? line.value('System.Keywords') ?? '').toLowerCase()] ??
      (/failure/i.test(line.value('Keywords') ?? line.value('EventType') ?? '') ? 'failure' : undefined)
    if (meaning !== undefined)
      event.classify([...meaning.category], [...meaning.type], meaning.action, audited ?? meaning.outcome)
    else event.classify(['iam'], ['info'], undefined, audited)
    readAccounts(meaning?.user ?? (line.value('SubjectUserName') === undefined ? 'Target' : 'Subject'), line, event)
    readProcess(id, line, event)
    event.endpoint('source', line.value('IpAddress') ?? line.value('ClientAddress'), line.value('IpPort'))
    event.set('source.domain', line.value('WorkstationName') ?? line.value('Workstation'))
    event.set('winlog.logon.type', line.value('LogonType'))
    event.set('winlog.logon.id', line.value('TargetLogonId') ?? line.value('SubjectLogonId'))
    event.set('service.name', line.value('ServiceName'))
    return true
  },
}

function isSecurity(line: Line): boolean {
  if (line.value('Channel') !== undefined || line.value('channel') !== undefined)
    return (line.value('Channel') ?? line.value('channel')) === 'Security'
  const provider =
    line.value('SourceName') ??
    line.value('ProviderName') ??
    line.value('provider_name') ??
    line.value('Provider.Name') ??
    line.value('event.provider') ??
    line.value('source_name')
  return (
    provider !== undefined &&
    /Security-Auditing|^Security$|Microsoft-Windows-Eventlog/.test(provider) &&
    eventId(line) !== undefined
  )
}

export function eventId(line: Line): string | undefined {
  const id =
    line.value('EventID') ??
    line.value('event_id') ??
    line.value('EventId') ??
    line.value('System.EventID.text') ??
    line.value('EventID.#text') ??
    line.value('EventID.text') ??
    line.value('event.code')
  return id !== undefined && /^\d{1,6}$/.test(id) ? id : undefined
}

/** Id, provider, channel, computer and time, which every Windows event has. */
export function readWindowsHead(id: string, line: Line, event: EventDraft): void {
  event.set('event.code', id)
  event.set(
    'event.provider',
    line.value('Provider.Name') ??
      line.value('provider_name') ??
      line.value('SourceName') ??
      line.value('ProviderName'),
  )
  event.set('winlog.channel', line.value('Channel') ?? line.value('channel'))
  const computer =
    line.value('Computer') ??
    line.value('computer_name') ??
    line.value('Hostname') ??
    line.value('computer') ??
    line.value('ComputerName')
  if (computer !== undefined) event.set('host.name', computer)
  const time =
    line.value('TimeCreated.SystemTime') ??
    line.value('SystemTime') ??
    line.value('time_created') ??
    line.value('EventTime') ??
    line.value('@timestamp')
  if (time !== undefined) event.time = readTime(time, { receivedAt: line.receivedAt, timeZone: line.timeZone })
}

function readAccounts(whose: 'Subject' | 'Target', line: Line, event: EventDraft): void {
  const other = whose === 'Subject' ? 'Target' : 'Subject'
  const named = line.value(`${whose}UserName`) ?? line.value(`${other}UserName`) ?? line.value('AccountName')
  event.set('user.name', named)
  event.set('user.domain', line.value(`${whose}DomainName`) ?? line.value(`${other}DomainName`))
  event.set('user.id', line.value(`${whose}UserSid`) ?? line.value(`${whose}Sid`) ?? line.value(`${other}UserSid`))
  if (whose !== 'Subject') {
    event.set('user.effective.name', undefined)
    event.set('related.user', line.value('SubjectUserName') === undefined ? [] : [line.value('SubjectUserName') ?? ''])
    return
  }
  event.set(
    'user.target.name',
    line.value('MemberName')?.replace(/^CN=([^,]{1,128}),.*$/, '$1') ?? line.value('TargetUserName'),
  )
  event.set('user.target.domain', line.value('TargetDomainName'))
  event.set('user.target.id', line.value('MemberSid') ?? line.value('TargetSid') ?? line.value('TargetUserSid'))
  if (line.value('MemberName') !== undefined) event.set('group.name', line.value('TargetUserName'))
}

function readProcess(id: string, line: Line, event: EventDraft): void {
  const created = id === '4688'
  event.set('process.executable', line.value('NewProcessName') ?? line.value('ProcessName'))
  event.integer(
    'process.pid',
    created ? line.value('NewProcessId') : (line.value('EventData.ProcessId') ?? line.value('event_data.ProcessId')),
  )
  event.set('process.command_line', line.value('CommandLine'))
  if (!created) return
  event.set('process.parent.executable', line.value('ParentProcessName'))
  event.integer(
    'process.parent.pid',
    line.value('EventData.ProcessId') ?? line.value('event_data.ProcessId') ?? line.value('ProcessId'),
  )
}
