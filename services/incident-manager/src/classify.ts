import type { Incident } from '@tocsin/events'
import { RSIT_PAIRS } from '@tocsin/obligations'
import { withNational } from './case.ts'
import { refuse } from './decision.ts'
import { effectsOf, isEffectRefusal } from './effects.ts'
import { applied, type Handler, textOf, whileOpen } from './handler.ts'

/** Classes a case: RSIT pair, severity, effects, the first analysis, whether measures through sources are possible and why. */
export const classify: Handler = whileOpen((state, command, _at, law) => {
  const { fields } = command
  const rsit = fields.rsit ?? `${state.record.rsitClass}/${state.record.rsitType}`
  if (fields.rsit !== undefined && !RSIT_PAIRS.includes(rsit)) return refuse('invalid', `RSIT has no class "${rsit}".`)
  const severity = fields.severity === undefined ? state.record.severity : Number(fields.severity)
  if (!Number.isInteger(severity) || severity < 0 || severity > 100)
    return refuse('invalid', 'Severity is a whole number from 0 to 100.')
  const vnKind = fields.vnKind ?? state.record.vnKind
  if (vnKind !== null && !['intrusion', 'risk', 'incident'].includes(vnKind))
    return refuse('invalid', `There is no kind "${vnKind}".`)
  const effects = effectsOf(fields, law.rules, false)
  if (isEffectRefusal(effects)) return refuse('invalid', effects.reason)
  if (fields.effects !== undefined && state.record.kind === 'incident') {
    const { leastEffects, requirements } = law.rules.promotion
    if (effects.effects.length < leastEffects)
      return refuse(
        'invalid',
        `An incident keeps at least ${leastEffects} of its effects (${requirements.join(', ')}).`,
      )
  }
  const possible = fields.measuresPossible
  if (possible !== undefined && possible !== 'yes' && possible !== 'no')
    return refuse('invalid', `measuresPossible is "yes" or "no", not "${possible}".`)
  const why = textOf(command, 'measuresReason')
  if (possible !== undefined && why === '')
    return refuse('invalid', 'Say why measures through sources are or are not technically possible: measuresReason.')
  const [rsitClass = 'other', rsitType = 'undetermined'] = rsit.split('/')
  const analysis = textOf(command, 'primaryAnalysis')
  const record: Incident = {
    ...state.record,
    rsitClass,
    rsitType,
    severity,
    vnKind,
    effects: fields.effects === undefined ? state.record.effects : effects.effects,
    serial: effects.serial ?? state.record.serial,
    primaryAnalysis: analysis === '' ? state.record.primaryAnalysis : analysis,
    measuresPossible: possible === undefined ? state.record.measuresPossible : possible === 'yes',
    measuresReason: why === '' ? state.record.measuresReason : why,
  }
  const marks = { ...state.marks }
  for (const name of ['significant', 'ongoing']) if (fields[name] !== undefined) marks[name] = fields[name] === 'yes'
  return applied(
    withNational(
      {
        ...state,
        record,
        marks,
        classifiedByHand: state.classifiedByHand || fields.rsit !== undefined,
        analysedByHand: state.analysedByHand || analysis !== '',
      },
      law,
    ),
    command,
    'classified',
    { ...fields },
  )
})
