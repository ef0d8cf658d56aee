import { type Command, createClock } from '@tocsin/runtime'
import { archiveCommands } from './adapters/archive-commands.ts'
import { evidenceCommands } from './adapters/evidence-commands.ts'
import { runGenerator } from './adapters/generator-run.ts'
import { collectCommands } from './collect/commands.ts'
import { planOf, USAGE } from './generator/plan.ts'

const gen: Command = {
  name: 'gen',
  summary: 'send numbered syslog records over UDP, TCP or TLS at a chosen rate',
  usage: USAGE,
  examples: [
    'tocsin gen --to udp://127.0.0.1:15514 --count 10000 --rate 2000 --format sshd',
    'tocsin gen --to tcp://127.0.0.1:15514 --sources 3 --from-address 127.1.0.1 --count 300',
    'tocsin gen --to tls://127.0.0.1:16514 --insecure --format cef --start-time 2026-01-01T00:00:00Z --step-ms 1000',
    'tocsin gen --to tcp://127.0.0.1:15514 --lines sample.log',
  ],
  async run(args, io) {
    const plan = planOf(args)
    const clock = createClock(io.env['TOCSIN_CLOCK_FILE'])
    const clocks = { nowMs: () => clock.now(), monotonicMs: () => performance.now() }
    const { sent, bytes, seconds } = await runGenerator(plan, io.stdin, clocks, io.signal)
    const { transport, host, port } = plan.target
    const summary = {
      sent,
      bytes,
      seconds: Number(seconds.toFixed(3)),
      perSecond: Math.round(sent / seconds),
      to: `${transport}://${host}:${port}`,
      sources: plan.sources,
      firstSeq: plan.firstSeq,
      lastSeq: plan.firstSeq + Math.ceil(sent / plan.sources) - 1,
    }
    io.stdout.write(`${JSON.stringify(summary)}\n`)
    return io.signal.aborted && sent < plan.count ? 1 : 0
  },
}

/** Commands of syslog-ingest. */
export const commands: Command[] = [gen, ...collectCommands, ...evidenceCommands, ...archiveCommands]
