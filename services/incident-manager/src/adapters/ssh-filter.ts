import { spawn } from 'node:child_process'
import { messageOf } from '@tocsin/runtime'
import type { AskFilter, FilterAnswer } from '../response/filter-gate.ts'
import type { PacketFilter } from '../response/filters.ts'

const CONNECT_SECONDS = 10
const ANSWER_MS = 30_000
const MAX_SAID = 4_096
/** Exit code of deploy/filter/tocsin-filter for what it will never do. */
const REFUSED = 65

/**
 * Asks a packet filter over SSH with the OpenSSH client. The host key is pinned, the login is a key from a file, nothing of the
 * user's or the machine's SSH settings is read, and no shell is on our side; at the other end a forced command takes the words
 * (authorized_keys: `restrict,command="…"`), whatever they are.
 */
export function sshFilter(program = 'ssh'): AskFilter {
  return (filter, words) =>
    new Promise<FilterAnswer>((resolve) => {
      const child = spawn(program, [...sshArguments(filter), words.join(' ')], {
        stdio: ['ignore', 'pipe', 'pipe'],
        // No agent, no display, no locale: only what is needed to find programs.
        env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
        timeout: ANSWER_MS,
        killSignal: 'SIGKILL',
      })
      let said = ''
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          said = (said + text).slice(-MAX_SAID)
        })
      }
      child.on('error', (error) => resolve({ kind: 'unreachable', reply: `ssh did not start: ${messageOf(error)}` }))
      child.on('close', (code) => resolve(answerOf(code, said)))
    })
}

/** Arguments of `ssh` before the words: everything that could be set elsewhere is set here. */
export function sshArguments({ host, port, user, keyFile, knownHostsFile }: PacketFilter): string[] {
  const options = {
    BatchMode: 'yes',
    StrictHostKeyChecking: 'yes',
    UserKnownHostsFile: knownHostsFile,
    GlobalKnownHostsFile: '/dev/null',
    UpdateHostKeys: 'no',
    IdentityFile: keyFile,
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    PreferredAuthentications: 'publickey',
    ClearAllForwardings: 'yes',
    ForwardAgent: 'no',
    PermitLocalCommand: 'no',
    ControlMaster: 'no',
    ControlPath: 'none',
    ConnectTimeout: String(CONNECT_SECONDS),
    ServerAliveInterval: '5',
    ServerAliveCountMax: '3',
    LogLevel: 'ERROR',
  }
  const set = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  return ['-F', 'none', '-T', ...set, '-p', String(port), '-l', user, '--', host]
}

function answerOf(code: number | null, said: string): FilterAnswer {
  const lines = said.split('\n').map((line) => line.replace(/[^\x20-\x7e]/g, '?').trim())
  const reply = (lines.findLast((line) => line !== '') ?? 'no answer').slice(0, 500)
  if (code === 0) return { kind: 'done', reply }
  return { kind: code === REFUSED ? 'refused' : 'unreachable', reply }
}
