import { type Pattern, readPatterns } from '../mapping/patterns.ts'
import type { Parser } from '../parser.ts'
import { pamPatterns } from './pam.ts'

const caller = /^\s{0,4}([^\s:]{1,128}) : (?:([^;=]{1,200}?) ; )?/
const field = /(?:^|[;:] )(TTY|PWD|USER|GROUP|ENV|COMMAND)=/g
const refusal =
  /incorrect password|NOT in sudoers|not allowed|command not allowed|a password is required|not allowed to/i

/** `caller : [complaint ;] TTY=… ; PWD=… ; USER=… ; COMMAND=…` and PAM's lines. */
export const sudo: Parser = {
  name: 'sudo',
  log: { product: 'linux', service: 'sudo', category: 'process' },
  recognises: ({ header }) =>
    header.application === 'sudo' || header.application === 'doas' || header.application === 'su-exec',
  read(line, event) {
    const text = line.message.slice(0, 16_384)
    const match = caller.exec(text)
    if (match === null || !text.includes('COMMAND=')) {
      event.classify(['authentication'], ['info'])
      readPatterns(patterns, text, event)
      return true
    }
    event.set('user.name', match[1])
    const refused = match[2] !== undefined && refusal.test(match[2])
    event.classify(['process'], refused ? ['start', 'denied'] : ['start'], 'sudo', refused ? 'failure' : 'success')
    event.set('event.reason', match[2])
    for (const [name, value] of fields(text)) {
      if (name === 'COMMAND') setCommand(value, (target, text) => event.set(target, text))
      else if (name === 'USER') event.set('user.effective.name', value)
      else if (name === 'PWD') event.set('process.working_directory', value)
      else if (name === 'TTY') event.set('process.tty.name', value)
    }
    return true
  },
}

const patterns: readonly Pattern[] = [
  {
    shape: /failed auth for (\S+)/,
    names: 'user.name',
    category: ['authentication'],
    type: ['start'],
    action: 'authentication_failure',
    outcome: 'failure',
  },
  ...pamPatterns,
]

/** COMMAND is last and may hold anything, ` ; ` included. */
function fields(text: string): [string, string][] {
  const found: [string, string][] = []
  field.lastIndex = 0
  for (let match = field.exec(text); match !== null; match = field.exec(text)) {
    const start = field.lastIndex
    const name = match[1] ?? ''
    const end = name === 'COMMAND' ? -1 : text.indexOf(' ;', start)
    found.push([name, text.slice(start, end < 0 ? text.length : end).trim()])
    if (name === 'COMMAND' || end < 0) break
    field.lastIndex = end + 1
  }
  return found
}

function setCommand(command: string, set: (target: string, text: string) => void): void {
  set('process.command_line', command)
  const space = command.indexOf(' ')
  set('process.executable', space < 0 ? command : command.slice(0, space))
}
