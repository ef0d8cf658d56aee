import { readFileSync, statSync } from 'node:fs'
import { type Log, messageOf, TocsinError } from '@tocsin/runtime'
import { parseTokens, type SenderTokens } from '../sender-tokens.ts'

/** Reads the token file, again whenever it has changed. Throws `bad_settings` where the first reading fails. */
export function openTokenFile(path: string, log: Log): SenderTokens {
  const stamp = () => {
    const stat = statSync(path, { throwIfNoEntry: false })
    return stat === undefined ? 'none' : `${stat.ino} ${stat.size} ${stat.mtimeMs}`
  }
  const load = () => parseTokens(readFileSync(path, 'utf8'))
  let seen = stamp()
  let tokens: SenderTokens
  try {
    tokens = load()
  } catch (error) {
    throw new TocsinError('bad_settings', `SYSLOG_INGEST_HTTPS_TOKENS: ${path}: ${messageOf(error)}.`, error)
  }
  return {
    sourceOf(token) {
      const now = stamp()
      if (now !== seen) {
        seen = now
        try {
          tokens = load()
        } catch (error) {
          log.error(
            { code: 'tokens_reload_failed', reason: messageOf(error) },
            'The new token file cannot be used; the tokens of before go on.',
          )
        }
      }
      return tokens.sourceOf(token)
    },
  }
}
