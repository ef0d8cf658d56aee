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
    apply({ user_agent_original: original, extra }, tail) {
      if (original !== null && original !== '') {
        const { name, version, os, device } = cache.get(original.slice(0, MAX_CHARS), '', readUserAgent)
        tail.user_agent_name = name
        tail.user_agent_version = version
        tail.user_agent_os_name = os
        tail.user_agent_device_name = device
      }
      // What the device read itself stands in the line, and rules look for it in one place.
      tail.user_agent_name ??= extra['user_agent.name'] ?? null
      tail.user_agent_version ??= extra['user_agent.version'] ?? null
      tail.user_agent_os_name ??= extra['user_agent.os.name'] ?? null
      tail.user_agent_device_name ??= extra['user_agent.device.name'] ?? null
    },
  }
}
