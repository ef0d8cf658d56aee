import { intruded, intruders, methods } from './attacks.ts'
import { changes } from './changes.ts'
import { classes, hours, origins, trend } from './charts.ts'
import type { Block } from './context.ts'
import { cross } from './cross.ts'
import { detections } from './detections.ts'
import { effects } from './effects.ts'
import { apart, figures } from './figures.ts'
import { entered, manager, surveillanceMode, systems } from './manager.ts'
import { asked, bodies, measures } from './measures.ts'
import { compared } from './national.ts'
import { actions, open, overdue } from './open-work.ts'
import { appendixHead, appendixSurveillance, appendixSystems, assets, differences } from './registered.ts'
import { nationalKinds, warnings } from './six-month.ts'
import { coverage, outages, period } from './surveillance.ts'
import { delays, tickets } from './tickets.ts'

/** Every block by the name that templates use. A new one is one function and one line here. */
export const BLOCKS: Readonly<Record<string, Block>> = {
  actions,
  apart,
  'appendix-head': appendixHead,
  'appendix-surveillance': appendixSurveillance,
  'appendix-systems': appendixSystems,
  asked,
  assets,
  bodies,
  changes,
  classes,
  compared,
  coverage,
  cross,
  delays,
  detections,
  differences,
  effects,
  entered,
  figures,
  hours,
  intruded,
  intruders,
  manager,
  measures,
  methods,
  'national-kinds': nationalKinds,
  open,
  origins,
  outages,
  overdue,
  period,
  'surveillance-mode': surveillanceMode,
  systems,
  tickets,
  trend,
  warnings,
}
