import type { Figure, StageBench } from '@tocsin/bench/figures'
import { sideBySide } from '@tocsin/bench/measure'
import {
  type CompiledRuleSet,
  CorrelateRun,
  compileRules,
  type FlatEvent,
  parseFlatEvent,
  parseRules,
} from '@tocsin/sigma'
import { readRuleFiles } from '../src/adapters/rule-files.ts'
import { haveCorpora, linesOf, rulesOf } from './corpora.ts'

const LATENESS_MS = 60_000
const IDLE_KEYS = 20_000

function flat(id: string, atMs: number, ip: string): FlatEvent {
  const event = parseFlatEvent(
    JSON.stringify({
      id,
      ts: atMs / 1_000,
      logsource: { product: 'linux', service: 'sshd' },
      event: { 'event.action': 'ssh_login', 'event.outcome': 'failure', 'source.ip': ip, 'user.name': 'root' },
    }),
  )
  if (!('view' in event)) throw new Error(event.message)
  return event
}

/** Each event counts for a window; the peer is the same engine while it keeps many keys that are idle. */
async function idleKeys(rules: CompiledRuleSet, events: number, rounds: number): Promise<Figure> {
  const idle = Array.from({ length: IDLE_KEYS }, (_, n) => flat(`i-${n}`, n / 200, `10.9.${n >> 8}.${n % 256}`))
  const busy = Array.from({ length: events }, (_, n) => flat(`b-${n}`, 100 + n, `198.51.100.${n % 50}`))
  let lines = 0
  const take = (run: CorrelateRun): void => {
    for (const event of busy) lines += run.take(event).lines.length
  }
  // Without lateness each event is settled by the next one: nothing is put off to the end of the run.
  const runs = Array.from({ length: rounds + 1 }, () => new CorrelateRun(rules, 0))
  const crowded = Array.from({ length: rounds + 1 }, () => {
    const run = new CorrelateRun(rules, 0)
    for (const event of idle) run.take(event)
    return run
  })
  const next = (from: CorrelateRun[]) => () => take(from.pop() ?? new CorrelateRun(rules, 0))
  const rest = { events, rounds, warmUpRounds: 1 }
  const [alone = 0, amongIdle = 0] = await sideBySide([next(runs), next(crowded)], rest)
  if (lines === 0) throw new Error('No condition held.')
  return {
    stage: 'correlate/idle-keys',
    value: amongIdle,
    budget: null,
    peer: 'the same without idle keys',
    peerValue: alone,
    what: `refused logins over 50 keys while ${IDLE_KEYS} other keys are held; a ratio near 1 is what is wanted`,
  }
}

/** Windows logins against the public correlations of them, JSON included; the peer reads the lines and nothing else. */
async function windowsLogons(rounds: number): Promise<Figure> {
  const rules = rulesOf('correlation/rules/windows-logon.yml')
  const lines = linesOf('correlation/windows-logon.events.jsonl.gz')
  let written = 0
  const events = (give: (event: FlatEvent) => void) => () => {
    for (const line of lines) {
      const event = parseFlatEvent(line)
      if ('view' in event) give(event)
    }
  }
  const [value = 0, peerValue = 0] = await sideBySide(
    [
      () => {
        const run = new CorrelateRun(rules, LATENESS_MS)
        events((event) => {
          written += run.take(event).lines.length
        })()
        written += run.finish().length
      },
      events(({ id }) => {
        written += id.length
      }),
    ],
    { events: lines.length, rounds, warmUpRounds: 1 },
  )
  if (written === 0) throw new Error('Nothing was read.')
  const what = `${rules.correlations.length} correlations on ${lines.length} Windows logins, JSON lines included`
  return { stage: 'correlate', value, budget: null, peer: 'reading the lines alone', peerValue, what }
}

/** Events through windows. */
export const bench: StageBench = {
  async run({ quick }) {
    const files = await readRuleFiles([`${import.meta.dirname}/../../../rules/identity`])
    const { rules } = compileRules(parseRules(files).documents)
    const idle = await idleKeys(rules, quick ? 5_000 : 40_000, quick ? 3 : 7)
    if (!haveCorpora)
      return {
        figures: [{ ...idle, stage: 'correlate' }],
        skipped: ['Windows logins: ../shared/rules-corpora is not here'],
      }
    return { figures: [await windowsLogons(quick ? 2 : 7), idle], skipped: [] }
  },
}
