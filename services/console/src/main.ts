import { join } from 'node:path'
import { type Report, uuidV7 } from '@tocsin/events'
import { type BaseSettings, runService } from '@tocsin/runtime'
import { openKafka } from '@tocsin/stage/kafka'
import type { z } from 'zod'
import { AccountFile } from './adapters/account-file.ts'
import { openAuditLog } from './adapters/audit-log.ts'
import { Commander } from './adapters/commander.ts'
import type { HttpSettings } from './adapters/console-parts.ts'
import { openEventSearch } from './adapters/event-search.ts'
import { makeFirstAccount } from './adapters/first-account.ts'
import { consoleServer } from './adapters/http.ts'
import { loadPackViews } from './adapters/packs.ts'
import { summaryOf } from './case-view.ts'
import { Cases } from './cases.ts'
import { settings } from './config.ts'
import { LiveLog } from './live-log.ts'
import { LoginThrottle } from './login-throttle.ts'
import { Passwords } from './passwords.ts'
import { Sessions } from './sessions.ts'

await runService('console', settings, async (context) => {
  const { config, clock, log, health, signal } = context
  const accounts = new AccountFile(config.dataDir)
  const passwords = new Passwords()
  await makeFirstAccount(accounts, passwords, clock.now(), log)
  const { packs, refused } = loadPackViews(config.packs)
  if (refused.length > 0) log.warn({ code: 'pack_refused', refused }, 'packs that do not load are shown without words')

  const kafka = await openKafka(context)
  const publisher = await kafka.publisher()
  const [constituents, sources, systems, contacts, states, coverage, outages, requests, audit] = await Promise.all([
    kafka.table('registry-constituents'),
    kafka.table('registry-sources'),
    kafka.table('registry-systems'),
    kafka.table('registry-contacts'),
    kafka.table('source-states'),
    kafka.table('coverage-states'),
    kafka.table('outages'),
    kafka.table('requests'),
    openAuditLog(kafka, publisher, `console-${config.slot}`, log, clock.now()),
  ])
  const cases = new Cases(config.casesPerConstituent)
  const live = new LiveLog(uuidV7(clock.now()))
  const commander = new Commander(publisher, config.answerSeconds * 1_000)
  const reports = new Map<string, Report>()
  const following = [
    await kafka.follow(['incidents'], { from: 'beginning' }, ({ key, value }) => {
      const constituent = value?.constituent ?? cases.get(key)?.constituent
      for (const gone of cases.apply(key, value)) live.append(gone.caseId, gone.constituent, null)
      if (constituent !== undefined) live.append(key, constituent, value === null ? null : summaryOf(value))
    }),
    await kafka.follow(['reports'], { from: 'beginning' }, ({ key, value }) => {
      if (value === null) reports.delete(key)
      else reports.set(key, value)
    }),
    await kafka.follow(['command-results'], { from: 'latest' }, ({ value }) => {
      if (value !== null) commander.answered(value)
    }),
  ]
  await Promise.all(following.map(({ caughtUp }) => caughtUp))
  log.info(cases.counts, 'cases taken up')

  const app = await consoleServer({
    settings: httpSettings(config),
    clock,
    log,
    accounts,
    passwords,
    sessions: new Sessions({ idleMs: config.idleMinutes * 60_000, absoluteMs: config.sessionMinutes * 60_000 }),
    throttle: new LoginThrottle(),
    audit,
    cases,
    live,
    commander,
    search: openEventSearch({
      url: config.elasticsearchUrl,
      apiKey: config.elasticsearchApiKey,
      caFile: config.elasticsearchCaFile,
    }),
    packs,
    constituents,
    sourceBook: {
      sources: () => sources.values(),
      state: (id) => states.get(id),
      system: (id) => systems.get(id),
      coverage: () => coverage.values(),
      outages: () => outages.values(),
    },
    requests,
    compliance: {
      systems: () => systems.values(),
      constituent: (id) => constituents.get(id),
      contacts: () => contacts.values(),
      sources: () => sources.values(),
      state: (id) => states.get(id),
      coverage: () => coverage.values(),
      reports: () => reports.values(),
      requests: () => requests.values(),
      cases: (constituent) => cases.list((id) => id === constituent),
    },
    signal,
  })
  const host = config.host ?? (config.profile === 'embedded' ? '127.0.0.1' : '::')
  const address = await app.listen({ host, port: config.port })
  health.ready('http', () => ({ ok: true, detail: `listening; ${cases.counts.kept} cases` }))
  log.info({ address }, 'listening')

  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await app.close()
  await publisher.close()
  await Promise.all(following.map((one) => one.close()))
})

function httpSettings(config: Readonly<BaseSettings & z.infer<typeof settings>>): HttpSettings {
  const { tlsCert, tlsKey } = config
  return {
    isSecure: config.profile !== 'embedded',
    origin: config.origin ?? null,
    trustedProxies: config.trustedProxies?.split(',').map((entry) => entry.trim()) ?? false,
    tls: tlsCert === undefined || tlsKey === undefined ? null : { cert: tlsCert, key: tlsKey },
    receiptSecret: config.receiptSecret ?? null,
    distFolder: config.dist ?? join(import.meta.dirname, '../dist'),
  }
}
