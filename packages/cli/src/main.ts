import { processIo, runCommandLine } from './index.ts'

// The process behind bin/tocsin.js. A second signal ends it at once, should a command not heed the first.
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stop.abort()
    process.once(signal, () => process.exit(130))
  })
}
// A reader that has seen enough (`tocsin … | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
// kafkajs 2.2.4 counts a delay from a time that is past; Node 24 warns of it and waits 1 ms, which is right.
process.removeAllListeners('warning')
process.on('warning', (warning) => {
  if (warning.name !== 'TimeoutNegativeWarning') process.stderr.write(`${warning.name}: ${warning.message}\n`)
})
process.exitCode = await runCommandLine(process.argv.slice(2), processIo(stop.signal))
