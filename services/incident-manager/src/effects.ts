import type { LifecycleRules } from '@tocsin/obligations'

/** The effects of an incident as ticked by a person, and whether failures are single or serial. */
export interface Effects {
  effects: string[]
  serial: boolean | null
}

/** Reads the effects of a command: `effects` is a comma list, `serial` is `single` or `serial`. `must` demands what the pack asks. */
export function effectsOf(
  fields: Readonly<Record<string, string>>,
  rules: LifecycleRules,
  must: boolean,
): Effects | { reason: string } {
  const { effects: known, leastEffects, serial: asksSerial, requirements } = rules.promotion
  const ticked = [...new Set((fields.effects ?? '').split(',').map((word) => word.trim()))].filter(
    (word) => word !== '',
  )
  const strange = known.length === 0 ? [] : ticked.filter((word) => !known.includes(word))
  if (strange.length > 0) {
    return { reason: `There is no effect "${strange.join(', ')}"; the law knows ${known.join(', ')}.` }
  }
  if (must && ticked.length < leastEffects) {
    return {
      reason: `An incident names at least ${leastEffects} of its effects (${requirements.join(', ')}): ${known.join(', ')}.`,
    }
  }
  const word = fields.serial
  if (word !== undefined && word !== 'single' && word !== 'serial') {
    return { reason: `Failures are "single" or "serial", not "${word}".` }
  }
  if (must && asksSerial && word === undefined) {
    return { reason: `Say whether the failures are single or serial (${requirements.join(', ')}).` }
  }
  return { effects: ticked.slice(0, 50), serial: word === undefined ? null : word === 'serial' }
}

export function isEffectRefusal(effects: Effects | { reason: string }): effects is { reason: string } {
  return 'reason' in effects
}
