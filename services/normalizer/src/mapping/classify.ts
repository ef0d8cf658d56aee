import type { EventDraft } from '../draft.ts'
import { type Verdict, verdictInside } from './verdict.ts'

interface Meaning {
  readonly words: RegExp
  readonly category: readonly string[]
  readonly type: string
  readonly kind?: 'alert' | 'state'
}

const attempt =
  /log(?:ged)?[ _-]?(?:in|on|off|out)\b|\blog(?:in|on|off|out)\b|sign[ _-]?(?:ed[ _-]?)?(?:in|out|on)\b|authenticat|\bauth\b|password (?:check|accepted|failed|wrong)|credential/i
/** Words of an action, a rule or a title and the class they mean, the first that fits. ECS, "event.category" and "event.type". */
const meanings: readonly Meaning[] = [
  {
    words: /\b(?:virus|malware|trojan|ransomware|spyware|worm|adware|rootkit|eicar|riskware|pua|backdoor)\b/i,
    category: ['malware'],
    type: 'info',
    kind: 'alert',
  },
  {
    words:
      /\b(?:intrusion|exploit|attack|ips|ids|sql[ _-]?injection|xss|brute[ _-]?force|port[ _-]?scan|c2|command and control|anomaly|threat[ _-]?detect|ddos|web[ _-]?shell|lateral movement)\b/i,
    category: ['intrusion_detection'],
    type: 'info',
    kind: 'alert',
  },
  { words: /\bvulnerab|\bCVE-\d{4}-\d/i, category: ['vulnerability'], type: 'info' },
  {
    words:
      /\b(?:user|account|member|administrator|role|privilege|permission)s?\b.{0,40}\b(?:creat|add|delet|remov|disabl|enabl|chang|modif|updat|grant|revok|assign|lock)|\b(?:creat|add|delet|remov|disabl|enabl|chang|modif|updat|grant|revok|assign|unlock)\w{0,3} .{0,24}\b(?:user|account|member|group|role|permission)s?\b/i,
    category: ['iam'],
    type: 'change',
  },
  {
    words:
      /\bconfig(?:uration|ured)?\b|\bpolic(?:y|ies)\b.{0,24}\b(?:chang|updat|modif|creat|delet|install)|\bsettings?\b.{0,24}\b(?:chang|updat|modif)|\bcommit\b/i,
    category: ['configuration'],
    type: 'change',
  },
  { words: attempt, category: ['authentication'], type: 'start' },
]
const status =
  /\bheart ?-?beat\b|\bkeep-?alive\b|^-{0,2} ?MARK ?-{0,2}$|\bhealth (?:status|report|check)\b|\bsystem (?:status|health)\b|\b(?:cpu|memory|disk|swap) (?:usage|utili[sz]ation|load)\b|\bchanged state to (?:up|down)\b|\blink (?:is )?(?:up|down)\b|\buptime\b|\b(?:fan|power supply|temperature)\b/i
const failure =
  /\b(?:fail|failed|failure|failing|invalid|incorrect|wrong|bad|denied|reject(?:ed)?|refused|unsuccessful|unknown user|error|not allowed|locked)\b/i
const success =
  /\b(?:success|successful|successfully|succeeded|succeed|accepted|passed|granted|authenticated|ok|logged (?:in|on|out)|opened)\b/i
const ending = /log(?:ged)?[ _-]?(?:out|off)\b|sign(?:ed)?[ _-]?out\b|disconnect|session (?:end|clos|terminat)/i
const kinds: readonly (readonly [RegExp, string])[] = [
  [/creat|add|new\b/i, 'creation'],
  [/delet|remov/i, 'deletion'],
]

/**
 * Sets event.kind, category, type and outcome, by ECS's closed lists, for a line whose format has no parser that knows them: first the words of its action and
 * title, then which fields were found. Fills, never overwrites.
 *
 * @param prose the message where the line is a sentence; the words of a frame of keys and values would mean too much.
 * @param eventName the title column of CEF.
 */
export function classify(event: EventDraft, prose: string | undefined, eventName?: string): void {
  const { fields } = event
  const title = textOf(
    eventName,
    fields['event.action'],
    fields['event.reason'],
    fields['rule.name'],
    fields['event.outcome'],
  )
  const words = (prose === undefined ? title : `${title} ${prose.slice(0, 400)}`).replaceAll(/([a-z])([A-Z])/g, '$1 $2')
  const action = fields['event.action']
  const verdict = typeof action === 'string' ? verdictInside(action) : undefined
  if (event.has('event.category')) return
  const meaning = meanings.find((one) => one.words.test(words))
  if (meaning !== undefined) {
    event.fill('event.category', [...meaning.category])
    event.fill('event.type', typesOf(meaning, words, verdict))
    if (meaning.kind !== undefined && (prose === undefined || event.has('rule.name'))) {
      event.fill('event.kind', meaning.kind)
      // The title of an alert is what fired, where the device names no rule beside it.
      event.fill('rule.name', eventName)
    }
    if (meaning.category[0] === 'authentication' || meaning.category[0] === 'iam') fillOutcome(words, event)
    return
  }
  if (prose !== undefined && status.test(prose.slice(0, 400)) && !event.has('source.ip') && !event.has('user.name')) {
    event.fill('event.kind', 'state')
    event.fill('event.category', ['host'])
    event.fill('event.type', ['info'])
    return
  }
  byFields(event, words, verdict)
}

function textOf(...values: readonly unknown[]): string {
  return values.filter((value) => typeof value === 'string').join(' ')
}

function typesOf(meaning: Meaning, words: string, verdict: Verdict | undefined): string[] {
  if (meaning.category[0] === 'authentication') return [ending.test(words) ? 'end' : 'start']
  if (meaning.category[0] === 'iam') {
    const subject = /\bgroup/i.test(words) ? 'group' : 'user'
    return [subject, kinds.find(([shape]) => shape.test(words))?.[1] ?? meaning.type]
  }
  return verdict === undefined ? [meaning.type] : [meaning.type, verdict]
}

function fillOutcome(words: string, event: EventDraft): void {
  if (failure.test(words)) event.fill('event.outcome', 'failure')
  else if (success.test(words)) event.fill('event.outcome', 'success')
}

/** What the fields found say that the event is about. */
function byFields(event: EventDraft, words: string, verdict: Verdict | undefined): void {
  const found = categoryOf(event, words)
  if (found === undefined) {
    if (verdict !== undefined) event.fill('event.type', [verdict])
    return
  }
  event.fill('event.category', [found[0]])
  event.fill('event.type', verdict === undefined ? [found[1]] : [found[1], verdict])
  const code = event.fields['http.response.status_code']
  if (found[0] === 'web' && typeof code === 'number') event.fill('event.outcome', code >= 400 ? 'failure' : 'success')
}

function categoryOf(event: EventDraft, words: string): readonly [category: string, type: string] | undefined {
  if (event.has('email.from.address') || event.has('email.to.address')) return ['email', 'info']
  if (event.has('dns.question.name')) return ['network', 'protocol']
  if (event.has('http.request.method') || event.has('url.original') || event.has('http.response.status_code'))
    return ['web', 'access']
  if (event.has('process.command_line') || event.has('process.executable'))
    return ['process', /terminat|exit|end|stop/i.test(words) ? 'end' : 'start']
  if (event.has('source.ip') && (event.has('destination.ip') || event.has('source.port')))
    return ['network', 'connection']
  if (event.has('file.path')) return ['file', kinds.find(([shape]) => shape.test(words))?.[1] ?? 'info']
  return undefined
}
