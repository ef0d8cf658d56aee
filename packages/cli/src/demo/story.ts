import { beacon, oddLines, passwordGuessing, refused, scan, webAttack } from './attacks.ts'
import { background } from './background.ts'
import type { StoryLine } from './line.ts'

/** One chapter of the story: lines sent together. */
export interface Chapter {
  title: string
  lines: readonly StoryLine[]
}

/** A detection that must appear: rule title and body. */
export interface ExpectedDetection {
  constituent: string
  rule: string
}

const ROUNDS = 150

/** Tells the story so that it ends at `endMs` (UTC): ordinary traffic first and between, four attacks, what must be refused. */
export function storyOf(endMs: number): Chapter[] {
  const minute = 60_000
  return [
    { title: 'ordinary traffic of three countries', lines: background(endMs - 2 * minute, ROUNDS, 1) },
    { title: 'Kazakhstan: passwords are guessed, one is right', lines: passwordGuessing(endMs - 100_000) },
    { title: 'Viet Nam: a web attack passes the firewall', lines: webAttack(endMs - 80_000) },
    { title: 'Taiwan: a workstation calls a listed address', lines: beacon(endMs - 70_000) },
    { title: 'Taiwan: a scan, seen by firewall and sensor', lines: scan(endMs - 50_000) },
    {
      title: 'senders that must be refused, lines that nobody can read',
      lines: [...refused(endMs - 40_000), ...oddLines(endMs - 40_000)],
    },
    { title: 'ordinary traffic goes on', lines: background(endMs - 10_000, ROUNDS / 3, 2) },
  ]
}

/** Every detection that the story leads to, and no other. */
export const expectedDetections: readonly ExpectedDetection[] = [
  { constituent: 'kz-ministry', rule: 'SSH password guessing' },
  { constituent: 'kz-ministry', rule: 'SSH password guessing that succeeds' },
  { constituent: 'kz-ministry', rule: 'Root login by SSH from a public address' },
  { constituent: 'vn-portal', rule: 'Alert of a web application firewall' },
  { constituent: 'vn-portal', rule: 'SQL injection in a web request' },
  { constituent: 'vn-portal', rule: 'Web attack that passed the firewall' },
  { constituent: 'tw-agency', rule: 'Connection to a listed indicator address' },
  { constituent: 'tw-agency', rule: 'Beacon to a listed address' },
  { constituent: 'tw-agency', rule: 'Port scan' },
  { constituent: 'tw-agency', rule: 'Scan seen by an intrusion detection system' },
  { constituent: 'tw-agency', rule: 'Scan seen by firewall and IDS' },
]

/** Cases that the detections become, by body. */
export const expectedCases: ReadonlyMap<string, number> = new Map([
  ['kz-ministry', 2],
  ['vn-portal', 1],
  ['tw-agency', 3],
])

/** Tickets that lie on the national FTPS server afterwards. */
export const expectedTickets = 3

/** Alarms that the refused senders raise, and no other. */
export const expectedAlarms: ReadonlySet<string> = new Set(['unlisted_sender', 'sender_out_of_scope'])
