import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TocsinError } from '@tocsin/runtime'
import type { Fixed, FixedBy } from './replay.ts'

const isId = (id: string): boolean => /^[0-9a-f]{32}$/.test(id)

/** Keeps a fix in the data folder until it is replayed. It may hold personal data: only its owner can read it. */
export function keepFix(dataFolder: string, fixed: Fixed): string {
  const folder = join(dataFolder, 'dead-letters')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = pathOf(dataFolder, fixed.deadLetterId)
  const { value, key, ...rest } = fixed
  const text = JSON.stringify({ ...rest, key: key.toString('base64'), value: value.toString('base64') })
  writeFileSync(`${path}.part`, `${text}\n`, { mode: 0o600 })
  renameSync(`${path}.part`, path)
  return path
}

/** Gives the fix of a dead letter. Throws `not_fixed` where `tocsin dlq fix` has made none here. */
export function fixOf(dataFolder: string, deadLetterId: string): Fixed {
  const path = pathOf(dataFolder, deadLetterId)
  if (!existsSync(path)) {
    throw new TocsinError(
      'not_fixed',
      `${deadLetterId} has no fix yet: give its value with \`tocsin dlq fix ${deadLetterId} --octets FILE\`, --json FILE or --as-is.`,
    )
  }
  const fix = JSON.parse(readFileSync(path, 'utf8')) as {
    deadLetterId: string
    by: FixedBy
    fixedAt: number
    key: string
    value: string
  }
  return { ...fix, key: Buffer.from(fix.key, 'base64'), value: Buffer.from(fix.value, 'base64') }
}

function pathOf(dataFolder: string, deadLetterId: string): string {
  if (!isId(deadLetterId)) {
    throw new TocsinError('no_such_dead_letter', `"${deadLetterId}" is no id of a dead letter: it has 32 hex digits.`)
  }
  return join(dataFolder, 'dead-letters', `${deadLetterId}.json`)
}
