import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { TocsinError } from '@tocsin/runtime'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Entered } from '../report-input.ts'

const MAX_OCTETS = 65_536
const NOTHING: Entered = { texts: {}, cells: {} }
const schema = z.strictObject({
  texts: z.record(z.string().max(60), z.string().max(20_000)).default({}),
  cells: z.record(z.string().max(60), z.string().max(200)).default({}),
})

/**
 * What people entered by hand for a report: `<root>/entered/<kind>/<body>/<first day>.yaml`, else `<body>.yaml` beside the
 * folder, which holds for every period. Throws `TocsinError('entries_refused')` where the file is not as it must be.
 */
export function readEntered(root: string, kind: string, constituent: string, period: string): Entered {
  const body = constituent === '*' ? 'national' : constituent.replace(/[^a-z0-9-]/gi, '_')
  const folder = join(root, 'entered', kind)
  const [file] = [join(folder, body, `${period.slice(0, 10)}.yaml`), join(folder, `${body}.yaml`)].filter(existsSync)
  return file === undefined ? NOTHING : readEnteredFile(file)
}

/** One such file. */
export function readEnteredFile(file: string): Entered {
  const refused = (why: string): TocsinError =>
    new TocsinError('entries_refused', `${file} was not read: ${why}; it holds texts: and cells:, each name to text.`)
  if (statSync(file).size > MAX_OCTETS) throw refused(`it is larger than ${MAX_OCTETS} octets`)
  const read = schema.safeParse(parse(readFileSync(file, 'utf8'), { maxAliasCount: 0 }) ?? {})
  if (!read.success)
    throw refused(read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '))
  return read.data
}
