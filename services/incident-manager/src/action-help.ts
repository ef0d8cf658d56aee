import { ACTIONS, type Action } from './permissions.ts'

/** One argument of a command on a case. */
interface Argument {
  name: string
  /** What it is; in angle brackets where it is free text. */
  what: string
  must?: boolean
}

/** What a person must know to give a command. */
export interface ActionHelp {
  summary: string
  arguments: readonly Argument[]
  example: string
}

const arg = (name: string, what: string): Argument => ({ name, what })
const must = (name: string, what: string): Argument => ({ name, what, must: true })
const RESPONSE = arg('response', 'id of the action, or its beginning; the only open one unless said')
const EVIDENCE = arg('evidence', 'a file with its hash, a record, a place')

/** Every command on a case: what it does, its arguments, one example. The help of the command line is made from it. */
export const ACTION_HELP: Readonly<Record<Action, ActionHelp>> = {
  create: {
    summary: 'open a case by hand: an own finding, or a report by telephone',
    arguments: [
      must('title', 'text'),
      arg('kind', 'event, incident, threat'),
      arg('level', 'informational … critical'),
      arg('rsit', 'class/type'),
      arg('description', 'text'),
      arg('reportedBy', 'who reported it'),
      arg('reportedVia', 'telephone, mail, fax, dispatch, person, other'),
      arg('sourceIp', 'address'),
      arg('targetIp', 'address'),
      arg('systemId', 'id'),
      arg('effects', 'for an incident: list'),
      arg('serial', 'single, serial'),
      arg('primaryAnalysis', 'text'),
      arg('recommendation', 'text'),
      arg('exercise', 'true'),
    ],
    example:
      'tocsin incident create --constituent kz-ministry --set title="Mail server down" --set reportedBy="A. Serik" --set reportedVia=telephone',
  },
  promote: {
    summary: 'make an event an incident',
    arguments: [arg('effects', 'list of the effects the law names'), arg('serial', 'single, serial')],
    example: 'tocsin incident promote KZ-2026-0-000007 --set effects=functioning,receipt --set serial=single',
  },
  verify: {
    summary: 'confirm what the case says',
    arguments: [arg('confidence', '0 to 100')],
    example: 'tocsin incident verify VN-2026-1-000003 --set confidence=90',
  },
  'ask-supplementary': {
    summary: 'ask for what is missing to judge an unverified case',
    arguments: [must('what', 'what is to be collected'), arg('to', 'whom; the body unless said'), arg('hours', 'time')],
    example: 'tocsin incident ask-supplementary VN-2026-1-000003 --set what="packet capture of web-1, one hour"',
  },
  'supplementary-collected': {
    summary: 'record what was collected and how sure the case is now',
    arguments: [must('text', 'text'), must('confidence', '0 to 100'), EVIDENCE],
    example:
      'tocsin incident supplementary-collected VN-2026-1-000003 --set text="the capture shows it" --set confidence=85',
  },
  'mark-false-positive': {
    summary: 'mark as no case; with suppress=yes detections like it open none for some days',
    arguments: [must('--reason', 'why'), arg('suppress', 'yes, no'), arg('days', '1 to 365, 30 unless said')],
    example:
      'tocsin incident mark-false-positive KZ-2026-0-000007 --reason "our own scanner" --set suppress=yes --set days=14',
  },
  'lift-suppression': {
    summary: 'end the suppression that was made from a false positive',
    arguments: [must('--reason', 'why')],
    example: 'tocsin incident lift-suppression KZ-2026-0-000007 --reason "the scanner is gone"',
  },
  acknowledge: {
    summary: 'say that somebody looks at it',
    arguments: [],
    example: 'tocsin incident acknowledge KZ-2026-0-000007',
  },
  assign: {
    summary: 'put somebody in charge',
    arguments: [must('assignee', 'who')],
    example: 'tocsin incident assign KZ-2026-0-000007 --set assignee=boris',
  },
  classify: {
    summary: 'class, severity, first analysis, whether measures are possible',
    arguments: [
      arg('rsit', 'class/type'),
      arg('severity', '0 to 100'),
      arg('effects', 'list'),
      arg('serial', 'single, serial'),
      arg('vnKind', 'intrusion, risk, incident'),
      arg('primaryAnalysis', 'text'),
      arg('measuresPossible', 'yes, no'),
      arg('measuresReason', 'why'),
      arg('significant', 'yes, no'),
      arg('ongoing', 'yes, no'),
    ],
    example:
      'tocsin incident classify KZ-2026-0-000007 --set rsit=intrusions/system-compromise --set measuresPossible=yes --set measuresReason="the border filter is ours"',
  },
  answer: {
    summary: "the body's answer: analysis of the event, measures on the incident, result of handling",
    arguments: [must('kind', 'event-analysis, measures, result'), must('text', 'text'), EVIDENCE],
    example: 'tocsin incident answer KZ-2026-0-000007 --set kind=measures --set text="host reinstalled"',
  },
  'measure-taken': {
    summary: 'record a measure',
    arguments: [must('text', 'text'), EVIDENCE],
    example: 'tocsin incident measure-taken KZ-2026-0-000007 --set text="203.0.113.9 blocked at the border"',
  },
  'causes-eliminated': {
    summary: 'first closure of an incident',
    arguments: [must('evidence', 'a file with its hash, a record, a place'), arg('text', 'text')],
    example: 'tocsin incident causes-eliminated KZ-2026-0-000007 --set evidence="patch protocol 14"',
  },
  'consequences-eliminated': {
    summary: 'second closure of an incident',
    arguments: [must('evidence', 'a file with its hash, a record, a place'), arg('text', 'text')],
    example: 'tocsin incident consequences-eliminated KZ-2026-0-000007 --set evidence="restore protocol 15"',
  },
  dispatch: {
    summary: 'send an employee to the body',
    arguments: [must('decidedBy', 'nsc, sts'), must('employee', 'who')],
    example: 'tocsin incident dispatch KZ-2026-0-000007 --set decidedBy=sts --set employee="D. Omarov"',
  },
  'dispatch-result': {
    summary: 'record arrival and result of a visit',
    arguments: [arg('visit', 'id; the newest unless said'), arg('arrivedAt', 'ISO 8601'), arg('result', 'text')],
    example:
      'tocsin incident dispatch-result KZ-2026-0-000007 --set arrivedAt=2026-11-20T20:10:00+05:00 --set result="disk imaged"',
  },
  'hand-over': {
    summary: 'hand over the shift: all open cases in your charge, or the one named',
    arguments: [
      must('to', 'who takes over'),
      arg('from', 'who hands over; the actor unless said'),
      must('note', 'text'),
    ],
    example: 'tocsin incident hand-over --set to=boris --set note="watch 203.0.113.0/24"',
  },
  close: {
    summary: 'close a case that has what its law asks for',
    arguments: [arg('conclusion', 'text')],
    example: 'tocsin incident close KZ-2026-0-000007 --set conclusion="password guessed, changed"',
  },
  reopen: {
    summary: 'take a closure or a false-positive mark back',
    arguments: [must('--reason', 'why'), arg('withdraw', 'causes, consequences')],
    example: 'tocsin incident reopen KZ-2026-0-000007 --reason "it came again" --set withdraw=causes',
  },
  merge: {
    summary: 'merge a case into an earlier one of the same body',
    arguments: [must('into', 'id of the other case')],
    example: 'tocsin incident merge KZ-2026-0-000009 --set into=3f2a…',
  },
  split: {
    summary: 'split detections off into a case of their own',
    arguments: [must('detections', 'list of ids'), must('--reason', 'why'), arg('title', 'text')],
    example: 'tocsin incident split KZ-2026-0-000009 --set detections=ab12…,cd34… --reason "another attacker"',
  },
  share: {
    summary: 'share with a group under a TLP marking',
    arguments: [
      must('group', 'name'),
      arg('tlp', 'CLEAR, GREEN, AMBER, AMBER+STRICT'),
      arg('confirm', 'yes: unverified'),
    ],
    example: 'tocsin incident share VN-2026-1-000003 --set group=banks --set tlp=AMBER',
  },
  'acknowledge-notice': {
    summary: 'confirm that a notice was read',
    arguments: [must('noticeId', 'id')],
    example: 'tocsin incident acknowledge-notice KZ-2026-0-000007 --set noticeId=9c41…',
  },
  'propose-response': {
    summary: "ask for a measure through the body's packet filter; somebody else approves it",
    arguments: [
      must('kind', 'block-address, isolate-host'),
      must('target', 'one address'),
      must('--reason', 'why'),
      arg('via', 'filter, where the body has several'),
    ],
    example:
      'tocsin incident propose-response KZ-2026-0-000007 --set kind=block-address --set target=203.0.113.9 --reason "it guesses passwords"',
  },
  'approve-response': {
    summary: 'approve a measure that somebody else asked for',
    arguments: [RESPONSE],
    example: 'tocsin incident approve-response KZ-2026-0-000007 --set response=5be0…',
  },
  'refuse-response': {
    summary: 'refuse a measure that waits for approval',
    arguments: [RESPONSE, must('--reason', 'why')],
    example: 'tocsin incident refuse-response KZ-2026-0-000007 --reason "a partner of the body"',
  },
  'revert-response': {
    summary: 'undo a measure',
    arguments: [RESPONSE, must('--reason', 'why')],
    example: 'tocsin incident revert-response KZ-2026-0-000007 --reason "the host was cleaned"',
  },
  'response-effect': {
    summary: 'what a packet filter did; told by the service itself',
    arguments: [must('response', 'id'), must('revision', 'number'), must('outcome', 'applied, reverted, failed')],
    example:
      'tocsin incident response-effect KZ-2026-0-000007 --role packet-filter --set response=5be0… --set revision=2 --set outcome=failed',
  },
}

/** The list of commands for the help, one a line. */
export function actionList(): string {
  const width = Math.max(...ACTIONS.map((action) => action.length))
  return ACTIONS.map((action) => `  ${action.padEnd(width)}  ${ACTION_HELP[action].summary}`).join('\n')
}

/** The help of one command: its arguments and an example. */
export function actionHelp(action: Action): string {
  const { summary, arguments: asked, example } = ACTION_HELP[action]
  const width = Math.max(0, ...asked.map(({ name }) => name.length))
  const lines = asked.map(
    ({ name, what, must: isMust }) => `  ${name.padEnd(width)}  ${what}${isMust === true ? ' (must be given)' : ''}`,
  )
  return [
    `${action}: ${summary}`,
    ...(lines.length === 0 ? [] : ['', 'arguments (--set NAME=VALUE):', ...lines]),
    '',
    'example:',
    `  ${example}`,
    '',
  ].join('\n')
}
