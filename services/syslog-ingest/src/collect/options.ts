import { type ParseArgsConfig, parseArgs } from 'node:util'
import { TocsinError } from '@tocsin/runtime'

type Options = NonNullable<ParseArgsConfig['options']>

/** Reads `--name value` options strictly. Throws `bad_argument` with one sentence. */
export function readOptions<T extends Options>(
  args: readonly string[],
  options: T,
): ReturnType<typeof parseArgs<{ args: string[]; options: T; strict: true; allowPositionals: false }>>['values'] {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values
  } catch (error) {
    const first = (error instanceof Error ? error.message : String(error)).split('. ')[0]
    throw new TocsinError('bad_argument', `${first}; see --help.`, error)
  }
}

/** Takes an option that must be there. Throws `bad_argument`. */
export function required(name: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new TocsinError('bad_argument', `--${name} is missing; see --help.`)
  return value
}

/** Takes a time as ISO 8601 with a zone, or a span before now (`90s`, `15m`, `6h`, `3d`); gives UTC ms. Throws `bad_argument`. */
export function instantOf(name: string, text: string, nowMs: number): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (count !== undefined && unit !== undefined) return nowMs - Number(count) * (UNIT_MS[unit] ?? 0)
  const at = /\d(Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at))
    throw new TocsinError('bad_argument', `--${name} has "${text}" where 2026-01-05T08:00:00Z or 6h is wanted.`)
  return at
}

/** Takes a count, or nothing for no bound. Throws `bad_argument`. */
export function countOf(name: string, text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new TocsinError('bad_argument', `--${name} has "${text}" where a count is wanted.`)
  return Number(text)
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
