import { inLanguage } from '@tocsin/events'
import { inTexts, localTime, textOf } from '@tocsin/obligations'
import { html, type Markup, raw } from '../../markup.ts'
import type { ReportInput, ReportKind } from '../../report-kind.ts'
import { stackedBars } from '../chart.ts'
import { type DailyModel, dailyModel, type SourceRow } from './model.ts'
import { STYLE } from './style.ts'
import { type Label, labelsIn } from './texts.ts'

/** Fills of the severities, lowest first: from light to dark. */
const COLOURS = ['#bcd4e6', '#f2c14e', '#e0703a', '#9b1b30']

/** Widths of the coverage table's columns, per cent, so that headings of any language fit. */
const COVERAGE_WIDTHS = [25, 10, 10, 8, 12, 14, 10, 11]

/** The Vietnamese daily report: Article 5(3)(a) of Circular 31/2017, content as table VN-D. */
export const dailyReport: ReportKind = {
  id: 'vn-daily',
  pack: 'vn-circular-31',
  daysBefore: 7,
  render(input) {
    const model = dailyModel(input)
    const page = pageOf(input, model)
    const label = labelsIn(input.language)
    return { title: `${label('title')} ${model.days.join(', ')}`, html: page.text, totals: model.totals }
  },
}

interface Page {
  input: ReportInput
  model: DailyModel
  label: (label: Label) => string
  /** Local time to the minute. */
  at: (instant: number) => string
  number: (value: number) => string
}

function pageOf(input: ReportInput, model: DailyModel): Markup {
  const zone = input.pack.timeZone
  const format = new Intl.NumberFormat(input.language)
  const page: Page = {
    input,
    model,
    label: labelsIn(input.language),
    at: (instant) => timeText(localTime(zone, instant), input.language),
    number: (value) => format.format(value),
  }
  const { label } = page
  const title = `${label('title')} · ${model.days.join(', ')}`
  return html`<!doctype html>
<html lang="${input.language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; font-src data:">
<title>${title}</title><style>${raw(STYLE)}</style></head><body>
${headOf(page)}
${summaryOf(page)}
${section(1, label('coverage'), coverageOf(page))}
${section(2, label('outages'), outagesOf(page))}
${section(3, label('detections'), detectionsOf(page))}
${section(4, label('open'), openOf(page))}
${section(5, label('actions'), actionsOf(page))}
${footOf(page)}
</body></html>
`
}

function section(number: number, title: string, content: Markup): Markup {
  return html`<section><h2>${number}. ${title}</h2>${content}</section>`
}

function headOf({ input, model, label, at }: Page): Markup {
  const { constituent, from, to, pack, createdAt } = input
  const name = inLanguage(
    { ...constituent.names, [input.language]: constituent.names[input.language] ?? constituent.name },
    input.language,
  )
  const rows: [string, string][] = [
    [label('body'), name],
    [label('period'), `${at(from)} – ${at(to)} (${pack.timeZone})`],
    ...(constituent.systemClass === null
      ? []
      : [[label('class'), String(constituent.systemClass)] as [string, string]]),
    [label('drafted'), at(createdAt)],
  ]
  return html`<header><div class="letterhead"><div><strong>${name}</strong></div>
<div><strong>${label('nation')}</strong><br><span class="motto">${label('motto')}</span></div></div>
<h1>${label('title')}</h1><p class="day">${model.days.map((day) => dayText(day, input.language)).join(', ')}</p><p class="basis">${label('basis')}</p>
<table class="facts"><tbody>${rows.map(([key, value]) => html`<tr><th scope="row">${key}</th><td>${value}</td></tr>`)}</tbody></table></header>`
}

function summaryOf({ model, label, number }: Page): Markup {
  const { totals } = model
  const cells: [Label, number, boolean][] = [
    ['lines', totals['linesAccepted'] ?? 0, false],
    ['lost', totals['linesLost'] ?? 0, true],
    ['detectionsCount', totals['detections'] ?? 0, false],
    ['events', totals['events'] ?? 0, false],
    ['incidents', totals['incidents'] ?? 0, false],
    ['openCount', totals['incidentsOpen'] ?? 0, false],
    ['clocksMet', totals['clocksMet'] ?? 0, false],
    ['clocksBreached', totals['clocksBreached'] ?? 0, true],
    ['notices', totals['noticesDelivered'] ?? 0, false],
  ]
  return html`<section class="summary">${cells.map(
    ([key, value, bad]) =>
      html`<div class="${bad && value > 0 ? 'bad' : ''}"><b>${number(value)}</b><span>${label(key)}</span></div>`,
  )}</section>`
}

function coverageOf({ model, label, at, number }: Page): Markup {
  const group = (title: string, rows: readonly SourceRow[], isMandatory: boolean): Markup => html`
<tr class="group"><th colspan="8" scope="colgroup">${title}${isMandatory && rows.length === 0 ? html` <em class="bad">${label('missingInput')}</em>` : null}</th></tr>
${rows.map(
  (row) => html`<tr><td>${row.source.name}<br><small>${row.source.deviceName ?? row.source.sourceId}</small></td>
<td class="n">${number(row.accepted)}</td><td class="n">${number(row.refused)}</td><td class="n${row.lost > 0 ? ' bad' : ''}">${number(row.lost)}</td><td class="n">${number(row.rejected)}</td>
<td class="${row.lastSeenAt === null ? 'bad' : ''}">${row.lastSeenAt === null ? '–' : at(row.lastSeenAt)}</td>
<td class="n">${Math.floor(row.completeness * 100)} %</td><td class="n">${number(row.silentMinutes)}</td></tr>`,
)}`
  const heads: Label[] = ['source', 'accepted', 'refused', 'lost', 'rejected', 'lastSeen', 'completeness', 'silent']
  return html`<p class="note">${label('coverageNote')}</p><table class="coverage"><colgroup>${COVERAGE_WIDTHS.map((width) => html`<col style="width:${width}%">`)}</colgroup><thead><tr>${heads.map((head) => html`<th scope="col">${label(head)}</th>`)}</tr></thead>
<tbody>${model.inputs.map(({ input, sources }) => group(label(input), sources, true))}${model.otherSources.length > 0 ? group(label('other'), model.otherSources, false) : null}</tbody></table>`
}

function outagesOf({ model, label, at, number }: Page): Markup {
  if (model.outages.length === 0) return html`<p>${label('none')}</p>`
  return html`<table><thead><tr>${(['outage', 'subject', 'from', 'to', 'minutes'] as const).map((head) => html`<th scope="col">${label(head)}</th>`)}</tr></thead><tbody>
${model.outages.map(
  (row) =>
    html`<tr><td><code>${row.code}</code></td><td>${row.subject}</td><td>${at(row.from)}</td><td>${row.to === null ? html`<em class="bad">${label('lasting')}</em>` : at(row.to)}</td><td class="n">${number(row.minutes)}</td></tr>`,
)}</tbody></table>`
}

function detectionsOf({ input, model, label, number }: Page): Markup {
  const names = input.pack.severity.bands.map(({ title }) => inTexts(title, input.language))
  const legend = names.map(
    (name, index) => html`<span><i style="background:${COLOURS[index] ?? '#888'}"></i>${name}</span>`,
  )
  const bars = model.chart.map(({ day, bySeverity }) => ({ label: shortDay(day, input.language), parts: bySeverity }))
  const columns = model.severities.map((_, index) =>
    model.detections.reduce((sum, row) => sum + (row.bySeverity[index] ?? 0), 0),
  )
  const table = html`<table class="whole"><thead><tr><th scope="col">${label('kindOf')}</th>${names.map((name) => html`<th scope="col" class="n">${name}</th>`)}<th scope="col" class="n">${label('total')}</th></tr></thead><tbody>
${model.detections.map(
  (row) =>
    html`<tr><td>${textOf(row.class, input.language)}</td>${row.bySeverity.map((value) => html`<td class="n">${number(value)}</td>`)}<td class="n"><b>${number(row.total)}</b></td></tr>`,
)}</tbody><tfoot><tr><th scope="row">${label('total')}</th>${columns.map((value) => html`<td class="n">${number(value)}</td>`)}<td class="n"><b>${number(model.totals['detections'] ?? 0)}</b></td></tr></tfoot></table>`
  return html`${model.detections.length === 0 ? html`<p>${label('noDetection')}</p>` : table}
<p class="note">${label('excluded')}: <b>${number(model.totals['detectionsExcluded'] ?? 0)}</b></p>
<figure><figcaption>${label('chart')} <span class="legend">${legend}</span></figcaption>${stackedBars(bars, COLOURS, label('chart'))}</figure>`
}

function openOf({ input, model, label, at }: Page): Markup {
  if (model.openIncidents.length === 0) return html`<p>${label('none')}</p>`
  return html`<table><thead><tr>${(['number', 'incident', 'kindOf', 'severity', 'detectedAt', 'state'] as const).map((head) => html`<th scope="col">${label(head)}</th>`)}</tr></thead><tbody>
${model.openIncidents.map(
  ({
    incident,
    severity,
  }) => html`<tr><td class="id">${incident.number}</td><td>${inLanguage({ ...incident.titles, en: incident.titles['en'] ?? incident.ruleName }, input.language)}</td>
<td>${textOf(incident.rsitClass, input.language)}</td><td>${severity}</td><td>${at(incident.detectedAt)}</td><td>${textOf(incident.status, input.language)}</td></tr>`,
)}</tbody></table>`
}

function actionsOf({ model, label, at }: Page): Markup {
  if (model.actions.length === 0) return html`<p>${label('none')}</p>`
  return html`<table><thead><tr>${(['number', 'action', 'due', 'state'] as const).map((head) => html`<th scope="col">${label(head)}</th>`)}</tr></thead><tbody>
${model.actions.map(
  ({ incident, title, dueAt, overdue }) =>
    html`<tr><td class="id">${incident.number}</td><td>${title}</td><td>${at(dueAt)}</td><td>${overdue ? html`<em class="bad">${label('overdue')}</em>` : ''}</td></tr>`,
)}</tbody></table>`
}

function footOf({ input, model, label }: Page): Markup {
  return html`<footer><div class="signature"><div><strong>${label('recipients')}:</strong><br>${label('recipientList')}</div>
<div><strong>${label('signature')}</strong><br><em>${label('signatureNote')}</em></div></div>
<p class="data">${label('data')}: <code>${model.dataSha256}</code> · ${label('revision')} ${input.revision} · ${input.pack.id} ${input.pack.version}</p></footer>`
}

/** `2026-03-01` → `01/03/2026`, as documents of all our languages but Chinese write it. */
function dayText(day: string, language: string): string {
  return language === 'zh-Hant' ? day : day.split('-').reverse().join('/')
}

function shortDay(day: string, language: string): string {
  return language === 'zh-Hant' ? day.slice(5) : dayText(day, language).slice(0, 5)
}

/** Local time to the minute, the date as `dayText` writes it. */
function timeText(local: string, language: string): string {
  return `${dayText(local.slice(0, 10), language)} ${local.slice(11, 16)}`
}
