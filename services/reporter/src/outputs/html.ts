import { draw } from '../charts/draw.ts'
import { type AskedQuery, type Cell, type Part, type ReportDocument, type TablePart } from '../document/document.ts'
import { queryText } from '../document/query.ts'
import { html, type Markup, raw } from '../markup.ts'
import { STYLE } from './style.ts'

/** Most rows of one table on paper; the sheets have all of them. */
export const MAX_PAPER_ROWS = 1_000
/** Tables up to this long are kept on one page. */
const MAX_WHOLE_ROWS = 4
/** From so many columns on a table is printed smaller. */
const WIDE_COLUMNS = 7

/** Gives a report as one page of HTML without outside resources; each number leads to the query that proves it. */
export function htmlOf(document: ReportDocument, number: (value: number) => string, moreRows: string): string {
  const page: Page = { document, number, moreRows }
  const { language, title, subtitle, letterhead, basis } = document
  return html`<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; font-src data:">
<title>${title} · ${subtitle}</title><style>${raw(STYLE)}</style></head><body>
<header><div class="letterhead"><div><strong>${letterhead.body}</strong></div>
<div><strong>${letterhead.nation}</strong><br><span class="${letterhead.motto === '' ? '' : 'motto'}">${letterhead.motto}</span></div></div>
<h1>${title}</h1><p class="day">${subtitle}</p><p class="basis">${basis}</p>
${fieldsOf(page, document.head)}</header>
${document.sections.map(
  ({ title: heading, parts, items }) =>
    html`<section data-items="${items.join(' ')}">${heading === '' ? null : html`<h2>${heading}</h2>`}${parts.map((part) => partOf(page, part))}</section>`,
)}
${footOf(page)}
</body></html>
`.text
}

interface Page {
  document: ReportDocument
  number: (value: number) => string
  moreRows: string
}

function partOf(page: Page, part: Part): Markup {
  switch (part.part) {
    case 'text':
      return html`<p class="${part.note === true ? 'note' : ''}">${linesOf(part.text)}</p>`
    case 'fields':
      return fieldsOf(page, part.rows)
    case 'figures':
      return html`<div class="summary">${part.rows.map(([label, figure]) => html`<div class="${figure.bad === true ? 'bad' : ''}"><b>${cellOf(page, figure)}</b><span>${label}</span></div>`)}</div>`
    case 'table':
      return tableOf(page, part)
    case 'chart':
      return html`<figure><figcaption>${part.title} ${
        part.drawing.shape === 'bars'
          ? html`<span class="legend">${part.drawing.legend.map(({ title, colour }) => html`<span><i style="background:${colour}"></i>${title}</span>`)}</span>`
          : null
      }</figcaption>${draw(part.drawing, part.title)}</figure>`
    default:
      return part satisfies never
  }
}

function fieldsOf(page: Page, rows: readonly (readonly [string, Cell])[]): Markup {
  if (rows.length === 0) return html``
  return html`<table class="facts"><tbody>${rows.map(([label, value]) => html`<tr><th scope="row">${label}</th><td>${cellOf(page, value)}</td></tr>`)}</tbody></table>`
}

function tableOf(page: Page, { columns, rows, total, empty }: TablePart): Markup {
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`
  const whole = columns.reduce((sum, { width }) => sum + (width ?? 1), 0)
  const row = (cells: readonly Cell[]): Markup =>
    html`<tr>${cells.map((cell, index) => html`<td class="${columns[index]?.number === true ? 'n' : ''}"${spanOf(cells, index, columns.length)}>${cellOf(page, cell)}</td>`)}</tr>`
  const left = rows.length - MAX_PAPER_ROWS
  return html`<table class="${rows.length <= MAX_WHOLE_ROWS ? 'whole' : ''}${columns.length >= WIDE_COLUMNS ? ' wide' : ''}"><colgroup>${columns.map(({ width }) => html`<col style="width:${(((width ?? 1) / whole) * 100).toFixed(2)}%">`)}</colgroup>
<thead><tr>${columns.map(({ title, number }) => html`<th scope="col" class="${number === true ? 'n' : ''}">${title}</th>`)}</tr></thead>
<tbody>${rows.slice(0, MAX_PAPER_ROWS).map(row)}</tbody>${total === undefined ? null : html`<tfoot>${row(total)}</tfoot>`}</table>${
    left > 0 ? html`<p class="note">${page.number(left)} ${page.moreRows}</p>` : null
  }`
}

/** A short row spreads its last cell over what is left. */
function spanOf(cells: readonly Cell[], index: number, columns: number): Markup | null {
  const left = columns - cells.length
  return left > 0 && index === cells.length - 1 ? raw(` colspan="${left + 1}"`) : null
}

function cellOf(page: Page, cell: Cell): Markup {
  if (typeof cell === 'string') return linesOf(cell)
  if ('figure' in cell)
    return html`<a class="q${cell.bad === true ? ' bad' : ''}" href="#${cell.query}">${page.number(cell.figure)}</a>`
  return html`<em class="bad">${linesOf(cell.text)}</em>`
}

function linesOf(text: string): Markup {
  return html`${text.split('\n').map((line, index) => (index === 0 ? line : html`<br>${line}`))}`
}

function footOf({ document, number }: Page): Markup {
  const { signature, colophon, queriesTitle, queryHeads, queries } = document
  const row = ({ id, query, value }: AskedQuery): Markup =>
    html`<tr id="${id}"><td>${id}</td><td><code>${queryText(query)}</code></td><td class="n">${number(value)}</td></tr>`
  return html`<footer>${
    signature.length === 0
      ? null
      : html`<div class="signature">${signature.map(({ title, lines }) => html`<div><strong>${title}</strong>${lines.map((line) => html`<br><em>${line}</em>`)}</div>`)}</div>`
  }<p class="data">${colophon}</p>
<section class="queries"><h2>${queriesTitle}</h2><table><colgroup><col style="width:7%"><col><col style="width:12%"></colgroup><thead><tr>${queryHeads.slice(0, 3).map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${queries.map(row)}</tbody></table></section></footer>`
}
