import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** True where the path holds a program of that name. */
export function hasProgram(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)))
}

/** Runs somebody else's program with `input`; gives what it printed. Rejects where it does not end with 0 within `timeoutMs`. */
export async function runProgram(
  command: string,
  args: readonly string[],
  input: string | Buffer = '',
  timeoutMs = 30_000,
): Promise<string> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: timeoutMs })
  let printed = ''
  let errors = ''
  child.stdout.on('data', (data: Buffer) => (printed += data.toString()))
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()))
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  if (code !== 0) throw new Error(`${command} ended with ${code ?? signal}: ${errors}`)
  return printed
}
