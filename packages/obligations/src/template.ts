import type { Fault } from './faults.ts'

/** A notice template: one language, a subject line and a body with `{{field}}` places. */
export interface Template {
  id: string
  language: string
  subject: string
  body: string
}

/** Templates by id, then by language. */
export type TemplateSet = ReadonlyMap<string, ReadonlyMap<string, Template>>

/** The fields that a template may name: the notice content of KZ-N and what the other laws ask for. */
export const NOTICE_FIELDS = [
  'noticeNumber',
  'constituent',
  'object',
  'detectedAt',
  'detectedAtUtc',
  'identifiedAt',
  'kind',
  'class',
  'nationalClass',
  'severity',
  'source',
  'description',
  'addresses',
  'services',
  'primaryAnalysis',
  'recommendation',
  'measuresTaken',
  'answerDueAt',
  'answerState',
  'coordinator',
  'contact',
  'caseNumber',
  'caseState',
  'clock',
  'clockStartAt',
  'clockDueAt',
  'legalBasis',
  'period',
  'exercise',
] as const
export type NoticeField = (typeof NOTICE_FIELDS)[number]
export type NoticeFields = Readonly<Partial<Record<NoticeField, string>>>

const PLACE = /\{\{\s*([^{}]*?)\s*\}\}/g
const known = new Set<string>(NOTICE_FIELDS)

export type LoadedTemplate = { ok: true; template: Template } | { ok: false; faults: Fault[] }

/**
 * Loads one template. The first line is `Subject: …`, then an empty line, then the body. A place that is not a notice field
 * is a fault at load, never an empty gap in a notice that was sent.
 */
export function loadTemplate(text: string, id: string, language: string, path: string): LoadedTemplate {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  const faults: Fault[] = []
  const subject = /^Subject: (.+)$/.exec(lines[0] ?? '')?.[1]
  if (subject === undefined)
    faults.push({ file: path, line: 1, path: '', reason: 'the first line is not "Subject: …"' })
  if ((lines[1] ?? '') !== '') faults.push({ file: path, line: 2, path: '', reason: 'the second line is not empty' })
  const body = lines.slice(2).join('\n').trim()
  if (body === '') faults.push({ file: path, line: 3, path: '', reason: 'there is no body' })
  lines.forEach((line, index) => {
    for (const [, name] of line.matchAll(PLACE)) {
      if (!known.has(name ?? ''))
        faults.push({ file: path, line: index + 1, path: '', reason: `unknown place {{${name}}}` })
    }
    if (line.replace(PLACE, '').includes('{{'))
      faults.push({ file: path, line: index + 1, path: '', reason: 'a place that is not closed' })
  })
  if (faults.length > 0 || subject === undefined) return { ok: false, faults }
  return { ok: true, template: { id, language, subject, body } }
}

/** A rendered notice. The subject is one line; `html` is a whole, escaped document body. */
export interface Rendered {
  subject: string
  text: string
  html: string
}

/** What stands where a field has no value, by language: a gap must be seen to be a gap. */
const EMPTY = '–'

/** Fills a template. Values are text: control characters go, and every value is escaped for HTML where it becomes HTML. */
export function render(template: Template, fields: NoticeFields): Rendered {
  const value = (name: string): string =>
    cleanText(fields[name as NoticeField] ?? '') || (name === 'exercise' ? '' : EMPTY)
  const subject = cut(oneLine(template.subject.replace(PLACE, (_, name: string) => value(name))), 200)
  const text = template.body.replace(PLACE, (_, name: string) => value(name))
  const html = escapeHtml(template.body).replace(PLACE, (_, name: string) =>
    escapeHtml(value(name)).replaceAll('\n', '<br>'),
  )
  const paragraphs = html.split(/\n{2,}/).map((part) => `<p>${part.replaceAll('\n', '<br>')}</p>`)
  return {
    subject,
    text: `${text}\n`,
    html: `<div lang="${escapeHtml(template.language)}">${paragraphs.join('\n')}</div>`,
  }
}

/** Escapes text for HTML content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

// Control characters, and the marks that turn the direction of text round (they disguise addresses and file names).
// oxlint-disable-next-line no-control-regex -- they are what is removed
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

function cleanText(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(CONTROL, ' ').slice(0, 8000)
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** Cuts at a code point, so that no character is split. */
function cut(text: string, max: number): string {
  const points = Array.from(text)
  return points.length <= max ? text : `${points.slice(0, max - 1).join('')}…`
}
