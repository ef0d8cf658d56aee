import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import { type Command, type CommandIo, createClock, TocsinError } from '@tocsin/runtime'
import { checkName, checkPassword, MAX_PASSWORD_LENGTH, scopeOf } from '../accounts.ts'
import { Passwords } from '../passwords.ts'
import { ROLES, type Role } from '../roles.ts'
import { AccountFile } from './account-file.ts'

const addUsage = 'accounts add NAME --role ROLE [--constituent ID]… [--data DIR]   (the password on standard input)'

/** `tocsin accounts add`: makes or changes a local account of the console; its password must be changed at the first sign-in. */
export const accountsAdd: Command = {
  name: 'accounts add',
  summary: 'make or change a local account of the console',
  usage: addUsage,
  examples: [
    'tocsin accounts add dana --role constituent --constituent kz-ministry < password.txt',
    'tocsin accounts add audit --role inspector',
  ],
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        role: { type: 'string' },
        constituent: { type: 'string', multiple: true, default: [] },
        data: { type: 'string' },
      },
    })
    const [name] = positionals
    if (name === undefined || positionals.length > 1 || !isRole(values.role))
      throw new TocsinError('bad_arguments', `Name one account and its role (${ROLES.join(', ')}): tocsin ${addUsage}`)
    checkName(name)
    const role = values.role
    const constituents = scopeOf(role, values.constituent)
    const password = await readPassword(io)
    checkPassword(name, password)
    const hash = await new Passwords().hash(password)
    const now = createClock(io.env['TOCSIN_CLOCK_FILE']).now()
    const file = new AccountFile(values.data ?? dataFolder(io.env))
    const account = await file.change(name, (before) => ({
      name,
      role,
      constituents,
      password: hash,
      mustChangePassword: true,
      version: (before?.version ?? 0) + 1,
      changedAt: now,
    }))
    io.stdout.write(`${account.name}: ${account.role}, ${account.constituents?.join(' ') ?? 'every body'}\n`)
    return 0
  },
}

/** `tocsin accounts list`. */
export const accountsList: Command = {
  name: 'accounts list',
  summary: 'list the local accounts of the console',
  usage: 'accounts list [--json] [--data DIR]',
  examples: ['tocsin accounts list'],
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean', default: false }, data: { type: 'string' } },
    })
    for (const account of new AccountFile(values.data ?? dataFolder(io.env)).list()) {
      const { password: _never, ...shown } = account
      const line = values.json
        ? JSON.stringify(shown)
        : `${shown.name}\t${shown.role}\t${shown.constituents?.join(' ') ?? 'every body'}`
      io.stdout.write(`${line}\n`)
    }
    return 0
  },
}

function isRole(word: string | undefined): word is Role {
  return (ROLES as readonly string[]).includes(word ?? '')
}

/** The data folder of the console: as told, else that of the running embedded stack. */
function dataFolder(env: CommandIo['env']): string {
  const told = env['TOCSIN_DATA']
  if (told !== undefined && told !== '') return told
  const clockFile = env['TOCSIN_CLOCK_FILE']
  if (env['TOCSIN_PROFILE'] === 'embedded' && clockFile !== undefined)
    return join(dirname(clockFile), 'data', 'console')
  throw new TocsinError('bad_arguments', 'Say where the accounts are: --data DIR, or TOCSIN_DATA.')
}

/** One line of standard input; from a terminal it is asked for and not shown. Never an argument: those are seen by all. */
async function readPassword(io: CommandIo): Promise<string> {
  const terminal = io.stdin as Readable & { isTTY?: boolean; setRawMode?: (raw: boolean) => void }
  const hide = terminal.isTTY === true && terminal.setRawMode !== undefined
  if (hide) {
    io.stderr.write('Password: ')
    terminal.setRawMode?.(true)
  }
  try {
    return await firstLine(io.stdin)
  } finally {
    if (hide) {
      terminal.setRawMode?.(false)
      io.stderr.write('\n')
    }
    io.stdin.pause()
  }
}

async function firstLine(stdin: Readable): Promise<string> {
  let text = ''
  const take = (chunk: unknown): void => {
    for (const letter of String(chunk)) {
      if (letter === '\u0003') throw new TocsinError('interrupted', 'Stopped; nothing was changed.')
      text = letter === '\u007f' || letter === '\b' ? Array.from(text).slice(0, -1).join('') : text + letter
    }
  }
  for await (const chunk of stdin) {
    take(chunk)
    if (/[\r\n]/.test(text) || text.length > 4 * MAX_PASSWORD_LENGTH) break
  }
  return text.split(/[\r\n]/, 1)[0] ?? ''
}
