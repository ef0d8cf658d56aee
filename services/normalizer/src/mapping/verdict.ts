/** What a word of a device says that it did with a connection, a file or a message; undefined for other words. */
export type Verdict = 'allowed' | 'denied'

const allowed =
  /^(?:allow(?:ed)?|permit(?:ted)?|accept(?:ed)?|pass(?:ed|through)?|forward(?:ed)?|deliver(?:ed)?|built|open(?:ed)?|granted|clean|trusted)$/i
const denied =
  /^(?:den(?:y|ied)|block(?:ed|ing)?|drop(?:ped)?|reject(?:ed)?|discard(?:ed)?|reset|refused?|prevent(?:ed)?|quarantined?|cleaned|deleted|forbidden|prohibit(?:ed)?|killed?|terminated?|remediated|blackhole|sinkhole|deny_all)$/i

export function verdictOf(word: string): Verdict | undefined {
  const text = word.trim()
  return allowed.test(text) ? 'allowed' : denied.test(text) ? 'denied' : undefined
}

/** The verdict in a vendor's compound word or short phrase (`aph_blocked`, `TCP_DENIED`, `Traffic Allowed`). */
export function verdictInside(phrase: string): Verdict | undefined {
  if (phrase.length > 80) return undefined
  for (const word of phrase.split(/[^A-Za-z]+/, 12)) {
    const found = verdictOf(word)
    if (found !== undefined) return found
  }
  return undefined
}
