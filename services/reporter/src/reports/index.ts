import type { ReportKind } from '../report-kind.ts'
import { dailyReport } from './vn-circular-31/daily.ts'

/** Every kind of report. */
export const reportKinds: readonly ReportKind[] = [dailyReport]

/** The kind of that id. */
export function reportKind(id: string): ReportKind | undefined {
  return reportKinds.find((kind) => kind.id === id)
}
