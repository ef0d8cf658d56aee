import assert from 'node:assert/strict'
import { Readable, Writable } from 'node:stream'
import { commands } from '../src/commands.ts'

/** Runs a command of the service as the command line does. */
export async function runCommand(
  name: string,
  args: readonly string[],
  { stdin = '', env = {} }: { stdin?: string; env?: Readonly<Record<string, string | undefined>> } = {},
): Promise<{ code: number; out: string; err: string }> {
  const command = commands.find((one) => one.name === name)
  assert.ok(command !== undefined)
  const out = collector()
  const err = collector()
  const code = await command.run(args, {
    stdin: Readable.from([stdin]),
    stdout: out.stream,
    stderr: err.stream,
    env,
    signal: new AbortController().signal,
  })
  return { code, out: out.text(), err: err.text() }
}

function collector(): { stream: Writable; text: () => string } {
  let text = ''
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString()
      done()
    },
  })
  return { stream, text: () => text }
}
