import type { Detection, EnrichedEvent, Incident } from '@tocsin/events'
import {
  canonicalJson,
  FORMATS,
  isStronger,
  type Loss,
  type PackageFile,
  type SharedCase,
  secrecyMarksIn,
  sharedCaseOf,
  writeWithLosses,
} from '@tocsin/exchange'
import { TocsinError } from '@tocsin/runtime'
import { blocksOf } from './blocks.ts'
import { type BodyRegistry, listedDetection, listedEvent, listedRegistry } from './listed-fields.ts'
import type { Decisions, PackageRequest } from './request.ts'

/** Everything of one constituent in the period. */
export interface Material {
  cases: readonly Incident[]
  detections: readonly Detection[]
  events: readonly EnrichedEvent[]
  /** null: it was not asked for. */
  registry: BodyRegistry | null
}

/**
 * Makes the files of a package: what was asked for in every format, the four blocks, what each format loses, and what was left out
 * and why. Throws `package_refused` where a person has to decide first.
 */
export function filesOfPackage(
  request: PackageRequest,
  material: Material,
  decisions: Decisions,
  { deployment, at }: { deployment: string; at: number },
): PackageFile[] {
  const { inputs } = request
  const real = material.cases.filter(({ exercise, kind }) => !exercise && kind !== 'threat')
  const told = real.filter(({ restriction, tlp }) => restriction !== 'private' && !isStronger(tlp, 'amber+strict'))
  const cases = inputs.includes('cases') ? told.map((one) => sharedCaseOf(one, deployment)) : []
  const secret = askWhatNeedsAsking(cases, decisions)
  const detections = inputs.includes('detections') ? material.detections.filter(({ exercise }) => !exercise) : []
  const events = inputs.includes('events') ? material.events.filter(({ exercise }) => !exercise) : []
  const about = {
    format: 'tocsin-information-package-1',
    request: { ...request, from: new Date(request.from).toISOString(), to: new Date(request.to).toISOString() },
    by: deployment,
    at: new Date(at).toISOString(),
    holds: { cases: cases.length, detections: detections.length, events: events.length },
    verification: countBy(cases, ({ verification }) => verification),
    leftOut: {
      'markedForFewer (restriction private or TLP:RED)': real.length - told.length,
      exercises: material.cases.filter(({ exercise }) => exercise).length,
    },
    decided: { unverified: decisions.unverified, secrecy: decisions.secrecy, fieldsWithMarks: secret },
  }
  const losses: Loss[] = []
  const formats = inputs.includes('cases')
    ? Object.values(FORMATS).map((format): PackageFile => {
        const written = writeWithLosses(format, cases, { deployment, at })
        losses.push(...written.losses.map((loss) => ({ ...loss, format: format.name })))
        return { name: `cases${format.ending}`, content: Buffer.from(written.text) }
      })
    : []
  const json = (name: string, value: unknown): PackageFile => ({
    name,
    content: Buffer.from(`${JSON.stringify(value, null, 1)}\n`),
  })
  const lines = (name: string, values: readonly unknown[]): PackageFile => ({
    name,
    content: Buffer.from(values.map((value) => `${canonicalJson(value)}\n`).join('')),
  })
  return [
    json('about.json', about),
    ...(inputs.includes('cases')
      ? [json('blocks.json', blocksOf(cases)), json('cases.json', cases), ...formats, json('losses.json', losses)]
      : []),
    ...(material.registry === null ? [] : [json('registry.json', listedRegistry(material.registry))]),
    ...(inputs.includes('detections') ? [lines('detections.ndjson', detections.map(listedDetection))] : []),
    ...(inputs.includes('events') ? [lines('events.ndjson', events.map(listedEvent))] : []),
  ]
}

/** Gives the fields with a mark of secrecy that a person let go; throws where nobody did, or where unverified cases need a yes. */
function askWhatNeedsAsking(cases: readonly SharedCase[], decisions: Decisions): string[] {
  const marked = cases.flatMap((one) => secrecyMarksIn(one).map((field) => `${one.number || one.caseId} ${field}`))
  if (marked.length > 0 && decisions.secrecy === null)
    throw new TocsinError(
      'package_refused',
      `A mark of secrecy stands in ${marked.join(', ')}; look at them, then say --decided "NAME: REASON" or correct the case.`,
    )
  const unverified = cases.filter(({ verification }) => verification !== 'confirmed')
  if (unverified.length > 0 && !decisions.unverified)
    throw new TocsinError(
      'package_refused',
      `${unverified.length} of ${cases.length} cases are not verified (${unverified[0]?.number}…); say --unverified to send them as such.`,
    )
  return marked
}

function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1
  return counts
}
