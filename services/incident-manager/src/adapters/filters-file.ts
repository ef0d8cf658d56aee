import { readFileSync } from 'node:fs'
import { messageOf, TocsinError } from '@tocsin/runtime'
import { parse } from 'yaml'
import { z } from 'zod'
import { filtersFileSchema, NO_REACH, type ResponseReach, reachOf } from '../response/filters.ts'

/** Reads the file of the packet filters; without one no action is possible. Throws `bad_filters`. */
export function loadReach(file: string | undefined): ResponseReach {
  if (file === undefined) return NO_REACH
  let content: unknown
  try {
    content = parse(readFileSync(file, 'utf8'), { maxAliasCount: 0 })
  } catch (error) {
    throw new TocsinError('bad_filters', `The packet filters of ${file} cannot be read: ${messageOf(error)}`)
  }
  const read = filtersFileSchema.safeParse(content)
  if (read.success) return reachOf(read.data)
  throw new TocsinError('bad_filters', `The packet filters of ${file} are wrong: ${z.prettifyError(read.error)}`)
}
