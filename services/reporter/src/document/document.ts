import type { Language } from '@tocsin/events'
import type { Query } from './query.ts'

/** A number with the query that proves it. */
export interface Figure {
  figure: number
  query: string
  /** True where people should look: a loss, a miss. */
  bad?: boolean
}

/** Text that people should look at. */
export interface Marked {
  text: string
  bad: true
}

export type Cell = string | Figure | Marked

/** One column of a table. */
export interface Column {
  title: string
  /** Numbers stand right. */
  number?: boolean
  /** Share of the width, any unit; 1 unless told. */
  width?: number
}

export interface TablePart {
  part: 'table'
  columns: readonly Column[]
  rows: readonly (readonly Cell[])[]
  /** A row of sums below. */
  total?: readonly Cell[]
  /** What stands where there is no row. */
  empty: string
}

/** A chart and the numbers that it draws, so that every output can show them. */
export interface ChartPart {
  part: 'chart'
  title: string
  drawing: Drawing
}

export type Drawing =
  | {
      shape: 'bars'
      legend: readonly { title: string; colour: string }[]
      bars: readonly { label: string; parts: readonly number[] }[]
    }
  | { shape: 'ranks'; ranks: readonly { label: string; value: number }[] }
  | { shape: 'heat'; rows: readonly string[]; columns: readonly string[]; values: readonly (readonly number[])[] }
  | { shape: 'map'; points: readonly { label: string; lon: number; lat: number; value: number }[] }

/** A part of a section. */
export type Part =
  | { part: 'text'; text: string; note?: boolean }
  | { part: 'fields'; rows: readonly (readonly [label: string, value: Cell])[] }
  | { part: 'figures'; rows: readonly (readonly [label: string, value: Figure])[] }
  | TablePart
  | ChartPart

export interface Section {
  /** Ids of the legal items that it answers: W-2, A1-4. */
  items: readonly string[]
  /** Number and title as printed. */
  title: string
  parts: readonly Part[]
}

/** One side of the foot: who receives it, who signs it. */
export interface SignatureSide {
  title: string
  lines: readonly string[]
}

/** A whole report as data; every output is made from this alone. */
export interface ReportDocument {
  kind: string
  /** Template and its version, `vn-weekly@1.0.0`. */
  template: string
  language: Language
  title: string
  /** Lines below the title: the period, the ground. */
  subtitle: string
  basis: string
  letterhead: { body: string; nation: string; motto: string }
  head: readonly (readonly [label: string, value: Cell])[]
  sections: readonly Section[]
  signature: readonly SignatureSide[]
  /** What stands below everything: hash of the data, revision, template. */
  colophon: string
  queriesTitle: string
  queryHeads: readonly [string, string, string, string]
  queries: readonly AskedQuery[]
}

/** A query that was asked for the report, with its answer. */
export interface AskedQuery {
  id: string
  query: Query
  value: number
}

/** The text of a cell as people read it. */
export function cellText(cell: Cell, number: (value: number) => string): string {
  if (typeof cell === 'string') return cell
  return 'figure' in cell ? number(cell.figure) : cell.text
}
