import { tlpRank } from './case.ts'
import { refuse } from './decision.ts'
import { applied, type Handler, textOf } from './handler.ts'

const MAX_SHARES = 50

/**
 * Decides that a case may be shared with a group under a TLP marking (VN-8.1). The marking is never laxer than the case's own,
 * RED never leaves, and what is not verified is shared only after the question was answered with yes (VN-8.3b).
 */
export const share: Handler = (state, command, at) => {
  const { record } = state
  if (record.status === 'merged' || record.status === 'false-positive')
    return refuse('illegal-transition', `A case that is ${record.status} is not shared.`)
  if (record.exercise) return refuse('illegal-transition', 'An exercise is not shared with anyone outside it.')
  const group = textOf(command, 'group', 200)
  if (group === '') return refuse('invalid', 'Say with whom: group.')
  const tlp = (textOf(command, 'tlp', 20) || record.tlp).toUpperCase()
  if (tlpRank(tlp) < 0) return refuse('invalid', 'The marking is CLEAR, GREEN, AMBER, AMBER+STRICT or RED.')
  if (tlpRank(tlp) === tlpRank('RED'))
    return refuse('invalid', 'TLP:RED is for the people it was said to, and for no group.')
  if (tlpRank(tlp) < tlpRank(record.tlp))
    return refuse('invalid', `The case is marked TLP:${record.tlp.toUpperCase()}; it is not shared under TLP:${tlp}.`)
  if (record.verification !== 'confirmed' && command.fields.confirm !== 'yes') {
    return refuse('invalid', `The case is ${record.verification}: say confirm=yes to share it as such (VN-8.3b).`)
  }
  const shared = { at, by: command.actor, group, tlp, verification: record.verification }
  const shares = [...record.shares.filter((one) => one.group !== group), shared].slice(-MAX_SHARES)
  return applied({ ...state, record: { ...record, shares } }, command, 'shared', {
    group,
    tlp,
    verification: record.verification,
  })
}
