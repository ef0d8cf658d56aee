// Runs inside a network namespace that has nothing but its own loopback: both circuits' collectors from an installed copy.
// Prints what became of their lines as one JSON object.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startVictim } from '@tocsin/test/support/kill'

const [folder = '.'] = process.argv.slice(2)
const CLI = join(import.meta.dirname, '../../../../packages/cli/src/main.ts')
const PORTS = { inner: 5514, outer: 5515 } as const
type Circuit = keyof typeof PORTS

const configOf = (circuit: Circuit): string => join(folder, `${circuit}.yaml`)

function writeConfig(circuit: Circuit): void {
  writeFileSync(
    configOf(circuit),
    `
collector: body-${circuit}
circuit: ${circuit}
store: { folder: ${join(folder, circuit)} }
listen: { host: 127.0.0.1, tcp: ${PORTS[circuit]}, allow: [127.0.0.1] }
centre: { addresses: ['198.51.100.7:2514'], plaintext: true }
admin: { port: 0 }
`,
  )
}

async function codeOfConnecting(host: string, port: number): Promise<string> {
  const socket = connect(port, host)
  return once(socket, 'connect').then(
    () => 'connected',
    (error: NodeJS.ErrnoException) => error.code ?? 'failed',
  )
}

async function send(circuit: Circuit): Promise<void> {
  const socket = connect(PORTS[circuit], '127.0.0.1')
  await once(socket, 'connect')
  socket.end(`<13>line one of ${circuit}\n<13>line two of ${circuit}\n`)
  await once(socket.resume(), 'close')
}

async function linesOf(circuit: Circuit): Promise<string[]> {
  const words = ['collect', 'search', '--config', configOf(circuit), '--raw', '--text', 'line']
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...words])
  return stdout.split('\n').filter((line) => line !== '')
}

const outside = await codeOfConnecting('198.51.100.7', 2514)
const collectors = (['inner', 'outer'] as const).map((circuit) => {
  writeConfig(circuit)
  return startVictim(CLI, { args: ['collect', '--config', configOf(circuit)] })
})
for (const collector of collectors) await collector.lineLike(/"msg":"started"/, 60_000)
const kept: Record<string, string[]> = {}
for (const circuit of ['inner', 'outer'] as const) {
  await send(circuit)
  let lines: string[] = []
  for (let tries = 0; lines.length < 2 && tries < 60; tries++) {
    lines = await linesOf(circuit)
    await pause(100)
  }
  kept[circuit] = lines
}
const exitCodes = await Promise.all(collectors.map((collector) => collector.stop()))
process.stdout.write(`${JSON.stringify({ outside, kept, exitCodes })}\n`)
