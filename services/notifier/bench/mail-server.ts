// The mail server of the benchmark, in a process of its own so that its work is not counted as ours. Prints its port.
import { startMailSink } from '@tocsin/test/support/sinks'

const { port } = await startMailSink()
process.stdout.write(`${port}\n`)
