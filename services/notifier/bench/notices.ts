import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import type { Figure, StageBench } from '@tocsin/bench/figures'
import { measure } from '@tocsin/bench/measure'
import { manualClock } from '@tocsin/runtime'
import { harnessOf } from '@tocsin/stage/testing'
import { smtpTransport } from '../src/adapters/smtp.ts'
import type { MailTransport } from '../src/channel.ts'
import { mailChannel } from '../src/channels/mail.ts'
import { CommitGate } from '../src/commit-gate.ts'
import { Dispatcher } from '../src/dispatcher.ts'
import { notifier } from '../src/notifier.ts'
import { loadSigner, type Signer } from '../src/smime.ts'
import { contactOf, noticeOf, T0 } from '../test/world.ts'

const NOTICE = {
  body: `${'Описание: обнаружен подбор пароля с адреса 192.0.2.7 к объекту «Портал».\n'.repeat(20)}`,
  language: 'ru',
}

/** Answers at once: what is left is the stage and the mail. */
const atOnce: MailTransport = { send: () => Promise.resolve({ ok: true, reply: '250 ok' }) }

/** One round: so many notices become mails and records, ticked as the stage's loop ticks. */
async function round(notices: number, transport: MailTransport, smime: Smime | null): Promise<void> {
  const clock = manualClock(T0)
  const commits = new CommitGate()
  const contacts = new Map([['officer', contactOf({ channels: ['mail'], certificate: smime?.certificate ?? null })]])
  const options = { from: 'tocsin@centre.example', acceptedMeans: 'delivered', server: 'bench' } as const
  const channels = [mailChannel({ ...options, transport, signer: smime?.signer ?? null })]
  const dispatcher = new Dispatcher({ maxInFlight: 256, maxPerTarget: 8, timeoutMs: 60_000 })
  const stage = harnessOf(notifier({ contacts, channels, dispatcher, commits, clock }), T0)
  for (let number = 0; number < notices; number++)
    await stage.give('notices', 'kz-ministry', noticeOf({ ...NOTICE, noticeId: `n${number}` }))
  while (stage.written('deliveries').length < notices) {
    await stage.tick(clock.now())
    commits.onTransaction('begin')
    commits.onTransaction('committed')
    // Sleeping, not spinning: what the server takes of time is not ours.
    do await pause(1)
    while (dispatcher.pending > 0)
    clock.advance(100)
  }
}

interface Smime {
  signer: Signer
  certificate: string
}

async function certificates(): Promise<Smime> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-'))
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const files = ['-keyout', 'own.key', '-out', 'own.pem', '-days', '2', '-subj', '/CN=bench']
  try {
    execFileSync('openssl', ['req', '-x509', ...curve, ...files], { cwd: folder, stdio: 'pipe' })
    const certificate = readFileSync(join(folder, 'own.pem'), 'utf8')
    return { certificate, signer: await loadSigner(certificate, readFileSync(join(folder, 'own.key'), 'utf8')) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What a notice costs from the topic to its record: mail, signed and encrypted mail, and mail to a server. */
export const bench: StageBench = {
  async run({ quick }) {
    const server = spawn(process.execPath, [join(import.meta.dirname, 'mail-server.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(createInterface({ input: server.stdout }), 'line')) as [string]
    const smtp = smtpTransport({ host: '127.0.0.1', port: Number(line), tls: 'none', ca: undefined, login: null })
    const smime = await certificates()
    const rounds = { events: quick ? 200 : 1_000, rounds: quick ? 3 : 7, warmUpRounds: 1 }
    const took: number[] = []
    const timed = async (): Promise<void> => {
      const before = performance.now()
      await round(rounds.events, smtp, null)
      took.push(performance.now() - before)
    }
    const mail = await measure(() => round(rounds.events, atOnce, null), rounds)
    const protectedMail = await measure(() => round(rounds.events, atOnce, smime), rounds)
    const overSmtp = await measure(timed, rounds)
    server.kill()
    const perSecond = Math.round((rounds.events * 1_000) / Math.min(...took))
    const base = { budget: null, peer: null, peerValue: null }
    const figure = (stage: string, value: number, what: string): Figure => ({ stage, value, ...base, what })
    return {
      figures: [
        figure('notices', mail, `a notice of 1.4 kB to its mail and its record: ${cpuSecond(mail)} a CPU second`),
        figure('notices/smime', protectedMail, `the same signed and encrypted (P-256): ${cpuSecond(protectedMail)}`),
        figure('notices/smtp', overSmtp, `the same over SMTP to one server, 8 at once: ${perSecond} a second`),
      ],
      skipped: [],
    }
  },
}

const cpuSecond = (micros: number): string => Math.round(1_000_000 / micros).toLocaleString('en')
