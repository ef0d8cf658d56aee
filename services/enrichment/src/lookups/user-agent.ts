import Bowser from 'bowser'
import { GenerationCache } from '../generation-cache.ts'
import type { Lookup } from '../lookup.ts'

/** What a user agent says of itself. Anybody can say anything: it helps to sort, it proves nothing. */
export interface UserAgent {
  name: string | null
  version: string | null
  os: string | null
  device: string | null
}

/** The library's patterns are many: what is read of a text is bounded, and texts are remembered (18 µs the first time). */
const MAX_CHARS = 512
const REMEMBERED = 16_384
/** `curl/8.5.0`, `python-requests/2.31`: a tool names itself first. */
const product = /^([A-Za-z][\w.-]{0,63})(?:\/v?([\w.-]{1,32}))?/

/** Takes the text of a User-Agent header; gives program, version, system and kind of device, each null where it says nothing. */
export function readUserAgent(text: string): UserAgent {
  const { browser, os, platform } = Bowser.parse(text)
  // "Mozilla" is what everything calls itself.
  const [, own = null, version] = text.startsWith('Mozilla/') ? [] : (product.exec(text) ?? [])
  const isKnown = browser.name !== undefined && browser.name !== ''
  return {
    name: isKnown ? (browser.name ?? null) : own,
    version: /^[\w.-]{1,32}/.exec((isKnown ? browser.version : version) ?? '')?.[0] ?? null,
    os: os.name || null,
    device: platform.type || null,
  }
}

/** ECS `user_agent.*` of the header that a line holds. */
export function userAgentLookup(): Lookup {
  const cache = new GenerationCache<UserAgent>(REMEMBERED)
  return {
    name: 'user-agent',
    version: () => 'bowser',
    apply(event, tail) {
      if (event.user_agent_original === null || event.user_agent_original === '') return
      const text = event.user_agent_original.slice(0, MAX_CHARS)
      const { name, version, os, device } = cache.get(text, '', readUserAgent)
      tail.user_agent_name = name
      tail.user_agent_version = version
      tail.user_agent_os_name = os
      tail.user_agent_device_name = device
    },
  }
}
