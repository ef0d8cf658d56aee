import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Command, type CommandIo, TocsinError } from '@tocsin/runtime'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { readOptions } from '../arguments.ts'
import { accountingChecks, alarmChecks, type Check, caseChecks, detectionChecks, fates } from '../demo/checks.ts'
import { StoryFacts, watchedTopics } from '../demo/facts.ts'
import { ZONES } from '../demo/line.ts'
import { countDocuments, fetchTickets, readMails, ticketChecks } from '../demo/outside.ts'
import { describeCase, describeChecks, describeMails } from '../demo/report.ts'
import { type Door, sendLines } from '../demo/send.ts'
import { expectedAlarms, expectedCases, expectedDetections, expectedTickets, storyOf } from '../demo/story.ts'
import { projectRoot } from '../stack/places.ts'
import type { Plan } from '../stack/plan.ts'
import { readRunState } from '../supervisor/run-file.ts'

const REST_MS = 4_000
const REST_LIMIT_MS = 180_000

/** A running stack, as the story needs it. */
interface Stage {
  dataFolder: string
  env: Record<string, string | undefined>
  ports: Readonly<Record<string, number>>
  run(words: readonly string[]): Promise<number>
}

export const demo: Command = {
  name: 'demo',
  summary: 'play the story through real servers and check its results',
  usage: 'demo [--data DIR] [--keep]',
  examples: ['tocsin demo', 'tocsin demo --keep'],
  async run(args, io) {
    const options = readOptions(args, { data: { type: 'string' }, keep: { type: 'boolean' } })
    const dataFolder = options.data ?? join(projectRoot, '.tocsin', 'demo')
    // Loaded late: the table of commands holds this one.
    const { runCommandLine } = await import('../index.ts')
    const inherited = { ...io.env, TOCSIN_STACK: dataFolder }
    const run = (words: readonly string[]) => runCommandLine(words, { ...io, env: inherited })
    await run(['down', '--data', dataFolder])
    rmSync(dataFolder, { recursive: true, force: true })
    mkdirSync(dataFolder, { recursive: true })
    if ((await run(['up', '--data', dataFolder])) !== 0) return 1
    try {
      const plan = JSON.parse(readFileSync(join(dataFolder, 'plan.json'), 'utf8')) as Plan
      const env = { ...io.env, ...readRunState(dataFolder)?.env }
      return await play({ dataFolder, env, ports: plan.ports, run }, io)
    } finally {
      if (options.keep !== true) await run(['down', '--data', dataFolder])
    }
  },
}

async function play(stage: Stage, io: CommandIo): Promise<number> {
  const say = (text: string) => io.stdout.write(`${text}\n`)
  const kafka = await openKafkaForCommand(stage.env, 'tocsin-demo')
  const facts = new StoryFacts()
  try {
    const following = await kafka.follow(watchedTopics, { from: 'beginning' }, (record) => facts.take(record))
    const chapters = storyOf(kafka.clock.now())
    const lines = chapters.flatMap((chapter) => chapter.lines)
    say('\nThe story:')
    for (const chapter of chapters) {
      say(`  ${String(chapter.lines.length).padStart(5)} lines  ${chapter.title}`)
      await sendLines(doorOf(stage), chapter.lines)
    }
    await untilAtRest(
      facts,
      () =>
        accountingChecks(facts, lines).every((check) => check.ok) &&
        detectionChecks(facts, expectedDetections).every((check) => check.ok),
      io,
    )
    await following.close()
    const checks = [
      ...accountingChecks(facts, lines),
      ...detectionChecks(facts, expectedDetections),
      ...caseChecks(facts, expectedCases),
      ...alarmChecks(facts, expectedAlarms),
    ]
    say(`\nCases (${facts.cases.size}):`)
    for (const entry of [...facts.cases.values()].sort((a, b) => (a.number < b.number ? -1 : 1)))
      say(describeCase(entry, facts))
    const sinks = join(stage.dataFolder, 'data', 'sinks')
    const mails = await readMails(sinks)
    say(
      `\nMails as the mail server received them (${mails.length}), kept in ${join(sinks, 'mail')}:\n${describeMails(mails)}`,
    )
    checks.push({
      ok: mails.length >= facts.notices.size,
      text: `mails received: ${mails.length} for ${facts.notices.size} notices`,
    })
    const fetched = join(stage.dataFolder, 'fetched')
    mkdirSync(fetched, { recursive: true })
    checks.push(...ticketChecks(await fetchTickets(stage.ports['sink-ftps'] ?? 0, sinks, fetched), expectedTickets))
    checks.push(
      ...(await reportChecks(stage, kafka.clock.now(), say)),
      ...(await searchChecks(stage, facts, fates(lines).normalized)),
    )
    const failed = checks.filter((check) => !check.ok)
    say(`\nChecks:\n${describeChecks(checks)}`)
    say(
      `\nlines sent ${lines.length}, accepted ${facts.hop('syslog-ingest').accepted}, normalized ${facts.hop('normalizer').normalized}, rejected ${facts.hop('normalizer').rejected}, detections ${facts.detections.size}, cases ${facts.cases.size}`,
    )
    say(`${checks.length - failed.length} passed, ${failed.length} failed`)
    return failed.length === 0 ? 0 : 1
  } finally {
    await kafka.close()
  }
}

function doorOf({ ports, dataFolder }: Stage): Door {
  const tlsCertificate = readFileSync(join(dataFolder, 'data/syslog-ingest/syslog-ingest/tls/cert.pem'))
  const [syslog, tls] = [ports['syslog'], ports['syslog-tls']]
  if (syslog === undefined || tls === undefined)
    throw new TocsinError('unexpected', 'The stack has no syslog listener.')
  return { udpPort: syslog, tcpPort: syslog, tlsPort: tls, tlsCertificate }
}

/** Waits until what was expected is there and nothing has moved for a while; gives up after three minutes. */
async function untilAtRest(facts: StoryFacts, isComplete: () => boolean, io: CommandIo): Promise<void> {
  const startedMs = performance.now()
  let seen = -1
  let stillSinceMs = startedMs
  let saidMs = startedMs
  while (performance.now() - startedMs < REST_LIMIT_MS) {
    const nowMs = performance.now()
    if (facts.seen !== seen) {
      seen = facts.seen
      stillSinceMs = nowMs
    }
    if (isComplete() && nowMs - stillSinceMs >= REST_MS) return
    if (nowMs - saidMs >= 2_000) {
      saidMs = nowMs
      io.stdout.write(
        `  … ${facts.hop('normalizer').normalized} normalized, ${facts.detections.size} detections, ${facts.cases.size} cases, ${facts.deliveries.size} deliveries\n`,
      )
    }
    await pause(100)
  }
}

/** Asks for the Vietnamese daily report of the story's day and looks for both files. */
async function reportChecks(stage: Stage, nowMs: number, say: (text: string) => void): Promise<Check[]> {
  const out = join(stage.dataFolder, 'reports')
  const day = new Date(nowMs + ZONES.vn * 3_600_000).toISOString().slice(0, 10)
  say('\nThe Vietnamese daily report:')
  const words = [
    'report',
    '--kind',
    'vn-daily',
    '--from',
    day,
    '--constituent',
    'vn-portal',
    '--lang',
    'vi',
    '--out',
    out,
  ]
  const code = await stage.run(words)
  const files = existsSync(out) ? readdirSync(out, { recursive: true }).map(String) : []
  return ['.html', '.pdf'].map((ending) => {
    const file = files.find((name) => name.endsWith(ending))
    const bytes = file === undefined ? 0 : statSync(join(out, file)).size
    return {
      ok: code === 0 && bytes > 0,
      text: file === undefined ? `no ${ending} report was made` : `report ${join(out, file)} (${bytes} octets)`,
    }
  })
}

async function searchChecks(stage: Stage, facts: StoryFacts, events: number): Promise<Check[]> {
  const url = stage.env['ELASTICSEARCH_URL'] ?? ''
  const wanted: readonly [string, string, number][] = [
    ['events', 'logs-tocsin.event-*', events],
    ['cases', 'tocsin-incident-*', facts.cases.size],
    ['notices', 'logs-tocsin.notice-*', facts.notices.size],
  ]
  const checks: Check[] = []
  for (const [name, pattern, expected] of wanted) {
    let count = await countDocuments(url, pattern)
    for (let tries = 0; count !== expected && tries < 50; tries++) {
      await pause(200)
      count = await countDocuments(url, pattern)
    }
    checks.push({ ok: count === expected, text: `${name} in Elasticsearch: ${count}, expected ${expected}` })
  }
  return checks
}
