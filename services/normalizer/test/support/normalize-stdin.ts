/** `tocsin normalize` without the rest of the CLI, as a process of its own for the score. */
import { commands } from '../../src/commands.ts'

const command = commands.find((one) => one.name === 'normalize')
if (command === undefined) throw new Error('The normalizer lists no command "normalize".')
process.exitCode = await command.run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: new AbortController().signal,
})
