import { BlockContext, type Options } from './blocks/context.ts'
import { FIGURES } from './blocks/figures.ts'
import { BLOCKS } from './blocks/index.ts'
import type { Cell, Part, ReportDocument, Section } from './document/document.ts'
import type { ReportInput } from './report-input.ts'
import type { BlockUse } from './template.ts'

/** A report as data, with the totals that it prints and the hash of what they came from. */
export interface Rendered {
  document: ReportDocument
  totals: Record<string, number>
  /** SHA-256 over every query with its answer and every list; the same data gives the same hash (XC-9). */
  dataSha256: string
}

/** Takes what a report is made from; gives the report. The same input gives the same report. */
export function render(input: ReportInput): Rendered {
  const context = new BlockContext(input)
  const { template, pack, constituent } = input
  const { label } = context
  const partsOf = (uses: readonly BlockUse[]): Part[] => uses.flatMap((use) => partsOfUse(context, use))
  const head = partsOf(template.head)
  const sections = template.sections.map(
    ({ items, title, blocks }, index): Section => ({
      items,
      title: `${index + 1}. ${context.text(title)}`,
      parts: partsOf(blocks),
    }),
  )
  const totals = totalsOf(context, template.head, ...template.sections.map(({ blocks }) => blocks))
  const dataSha256 = context.evidence.sha256
  const cited = new Set(citedIn([...head, ...sections.flatMap(({ parts }) => parts)]))
  const document: ReportDocument = {
    kind: template.id,
    template: `${template.id}@${template.version}`,
    language: input.language,
    title: context.text(template.title),
    subtitle: subtitleOf(context),
    basis: context.text(template.basis),
    letterhead: {
      body: constituent === null ? context.text(template.author ?? pack.title) : context.bodyName(constituent),
      nation: template.nation === undefined ? '' : context.text(template.nation),
      motto: template.motto === undefined ? '' : context.text(template.motto),
    },
    head: head.flatMap((part) => (part.part === 'fields' ? part.rows : [])),
    sections: [...figuresOf(head), ...sections],
    signature: template.signature.map(({ title, lines }) => ({
      title: context.text(title),
      lines: lines.map((line) => context.text(line)),
    })),
    colophon: `${label('data')}: ${dataSha256} · ${label('revision')} ${input.revision} · ${label('template')} ${template.id}@${template.version} · ${pack.id} ${pack.version}`,
    queriesTitle: label('queries'),
    queryHeads: [label('rowNumber'), label('query'), label('value'), label('search')],
    queries: context.evidence.asked.filter(({ id, value }) => value !== 0 || cited.has(id)),
  }
  return { document, totals, dataSha256 }
}

/** Queries that a number on the page leads to; others are listed only where they found something. */
function* citedIn(parts: readonly Part[]): Generator<string> {
  for (const part of parts) {
    const cells: readonly Cell[] =
      part.part === 'table'
        ? [...part.rows.flat(), ...(part.total ?? [])]
        : part.part === 'fields' || part.part === 'figures'
          ? part.rows.map(([, cell]) => cell)
          : []
    for (const cell of cells) if (typeof cell === 'object' && 'figure' in cell) yield cell.query
  }
}

/** Totals in large type stand above the first section, without a title of their own. */
function figuresOf(head: readonly Part[]): Section[] {
  const parts = head.filter(({ part }) => part !== 'fields')
  return parts.length === 0 ? [] : [{ items: [], title: '', parts }]
}

function subtitleOf(context: BlockContext): string {
  const { template, from, to, createdAt } = context.input
  if (template.present) return context.day(createdAt)
  const [first, last] = [context.day(from), context.day(to - 1)]
  return first === last ? first : `${first} – ${last}`
}

function partsOfUse(context: BlockContext, use: BlockUse): Part[] {
  if (!('use' in use))
    return [{ part: 'text', text: context.text(use.text), ...(use.note === true ? { note: true } : {}) }]
  return BLOCKS[use.use]?.(context, use as Options) ?? []
}

/** The totals that the report's own figures print, by name. */
function totalsOf(context: BlockContext, ...uses: readonly (readonly BlockUse[])[]): Record<string, number> {
  const names = uses.flat().flatMap((use) => ('use' in use && Array.isArray(use['show']) ? use['show'] : []))
  return Object.fromEntries(
    names.flatMap((name) => {
      const named = FIGURES[name]
      return named === undefined ? [] : [[name, named[1](context).figure]]
    }),
  )
}
