import { type ParseArgsConfig, parseArgs } from 'node:util'
import { StackError } from './stack/stack-error.ts'

type Options = NonNullable<ParseArgsConfig['options']>

/** Reads `--name value` options strictly. Throws `bad_argument` with one sentence for what it does not know. */
export function readOptions<T extends Options>(
  args: readonly string[],
  options: T,
): ReturnType<typeof parseArgs<{ args: string[]; options: T; strict: true; allowPositionals: false }>>['values'] {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values
  } catch (error) {
    throw badArgument(error)
  }
}

/** As `readOptions`, and gives the words beside the options too. */
export function readOptionsAndWords<T extends Options>(
  args: readonly string[],
  options: T,
): ReturnType<typeof parseArgs<{ args: string[]; options: T; strict: true; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true })
  } catch (error) {
    throw badArgument(error)
  }
}

function badArgument(error: unknown): StackError {
  const first = (error instanceof Error ? error.message : String(error)).split('. ')[0]
  return new StackError('bad_argument', `${first}; see --help.`, error)
}

/** Reads `a=1,b=2` (numbers from `least` to `most`) as a map. Throws `bad_argument` naming the option and the part that is wrong. */
export function readNumbers(
  option: string,
  text: string | undefined,
  least: number,
  most: number,
): Map<string, number> {
  const numbers = new Map<string, number>()
  for (const part of text === undefined ? [] : text.split(',')) {
    const [, name, digits] = /^([a-z][a-z0-9-]*)=(\d{1,6})$/.exec(part.trim()) ?? []
    const value = Number(digits)
    if (name === undefined || !(value >= least && value <= most)) {
      throw new StackError(
        'bad_argument',
        `--${option} has "${part}" where name=number (${least} to ${most}) is wanted.`,
      )
    }
    numbers.set(name, value)
  }
  return numbers
}

/** Reads `a,b` as names; `none` is no name, nothing given is null. */
export function readNames(text: string | undefined): string[] | null {
  if (text === undefined) return null
  return text === 'none' ? [] : text.split(',').map((name) => name.trim())
}
