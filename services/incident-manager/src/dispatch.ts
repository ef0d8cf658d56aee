import { idFrom, type Visit } from '@tocsin/events'
import { refuse } from './decision.ts'
import { applied, type Handler, textOf, whileOpen } from './handler.ts'

const MAX_VISITS = 50
const DECIDERS = ['nsc', 'sts']

/** Sends an employee to the body; the NSC or the STS decided that it is needed (KZ-10.3k). */
export const dispatch: Handler = whileOpen((state, command, at) => {
  const decidedBy = textOf(command, 'decidedBy').toLowerCase()
  const employee = textOf(command, 'employee', 200)
  if (!DECIDERS.includes(decidedBy)) return refuse('invalid', 'Say who decided it: decidedBy is nsc or sts.')
  if (employee === '') return refuse('invalid', 'Say whom you send: employee.')
  if (state.record.visits.length >= MAX_VISITS)
    return refuse('illegal-transition', `${MAX_VISITS} visits are recorded.`)
  const visit: Visit = {
    visitId: idFrom('visit', command.commandId),
    decidedBy,
    employee,
    sentAt: at,
    arrivedAt: null,
    result: null,
  }
  const record = { ...state.record, visits: [...state.record.visits, visit] }
  return applied({ ...state, record }, command, 'dispatched', { decidedBy, employee, visit: visit.visitId })
})

/** Records the arrival and the result of a visit; without `visit` it is the newest without a result. */
export const dispatchResult: Handler = (state, command, at) => {
  const { visits, status } = state.record
  if (status === 'merged') return refuse('illegal-transition', 'The case was merged into another one.')
  const wanted = textOf(command, 'visit')
  const visit = visits.findLast((one) => (wanted === '' ? one.result === null : one.visitId === wanted))
  if (visit === undefined) return refuse('invalid', 'There is no such visit without a result.')
  if (visit.result !== null) return refuse('illegal-transition', 'The result of this visit is recorded already.')
  const result = textOf(command, 'result', 2_000)
  const arrived = textOf(command, 'arrivedAt')
  const arrivedAt = arrived === '' ? visit.arrivedAt : Date.parse(arrived)
  if (result === '' && arrived === '') return refuse('invalid', 'Say when the employee arrived, or the result.')
  if (arrivedAt !== null && !(arrivedAt >= visit.sentAt && arrivedAt <= at))
    return refuse('invalid', `The arrival lies between the decision (${new Date(visit.sentAt).toISOString()}) and now.`)
  if (result !== '' && arrivedAt === null) return refuse('invalid', 'A result needs the time of arrival: arrivedAt.')
  const changed: Visit = { ...visit, arrivedAt, result: result === '' ? null : result }
  const record = { ...state.record, visits: visits.map((one) => (one === visit ? changed : one)) }
  const detail = { visit: visit.visitId, arrivedAt: arrived, result }
  return applied({ ...state, record }, command, result === '' ? 'dispatch-arrived' : 'dispatch-ended', detail)
}
