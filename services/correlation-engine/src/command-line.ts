import { TocsinError } from '@tocsin/runtime'

/** Options of the rule commands, as typed. */
export interface RuleArguments {
  rules: string[]
  inputs: string[]
  latenessMs: number
  placeholders: string | null
  json: boolean
}

/**
 * Reads `--rules PATH… [--lateness SECONDS] [--placeholders FILE] [--json] [INPUT…]`. After `--rules` every word up to the next option is a
 * path; inputs follow `--`. Throws `bad_arguments`.
 */
export function readArguments(args: readonly string[], usage: string): RuleArguments {
  const found: RuleArguments = { rules: [], inputs: [], latenessMs: 60_000, placeholders: null, json: false }
  let target = found.inputs
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? ''
    if (word === '--rules') target = found.rules
    else if (word === '--') target = found.inputs
    else if (word === '--json') found.json = true
    else if (word === '--lateness') found.latenessMs = readSeconds(args[++i], usage)
    else if (word === '--placeholders') found.placeholders = args[++i] ?? null
    else if (word.startsWith('--'))
      throw new TocsinError('bad_arguments', `"${word}" is no option of this command. Usage: ${usage}`)
    else target.push(word)
  }
  return found
}

function readSeconds(text: string | undefined, usage: string): number {
  const seconds = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(seconds) || seconds < 0)
    throw new TocsinError('bad_arguments', `--lateness takes seconds. Usage: ${usage}`)
  return seconds * 1_000
}
