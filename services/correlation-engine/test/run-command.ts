import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { commands } from '../src/commands.ts'

/** What a command said: exit code and lines. */
export interface Said {
  code: number
  out: string[]
  err: string[]
}

/** Runs a command of this service as the command line does, with lines of input and an environment. */
export async function run(
  words: readonly string[],
  input: readonly string[] = [],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<Said> {
  const command = commands.find(({ name }) => name === words[0] || name === words.slice(0, 2).join(' '))
  assert.ok(command)
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const read = Promise.all([text(stdout), text(stderr)])
  const stdin = Readable.from(input.length === 0 ? [] : [Buffer.from(`${input.join('\n')}\n`)])
  const { signal } = new AbortController()
  const rest = words.slice(command.name.split(' ').length)
  try {
    const code = await command.run(rest, { stdin, stdout, stderr, env, signal })
    stdout.end()
    stderr.end()
    const [out, err] = await read
    const split = (written: string): string[] => written.split('\n').filter((found) => found !== '')
    return { code, out: split(out), err: split(err) }
  } finally {
    stdout.end()
    stderr.end()
  }
}
