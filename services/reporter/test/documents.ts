// H-DOC: opens what was produced as other programs do and reads named fields back.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openZip, readCsv, readXlsx, writeZip } from '@tocsin/sheets'
import type { Format } from '../src/outputs/index.ts'

/** A field that must be there: in the section of that number, each of these texts. */
export interface Required {
  item: string
  section: number
  texts: readonly string[]
}

export type Readable = Exclude<Format, 'json'>

/** Takes a produced file and the titles of its sections; gives the items of which a text is missing in its section. */
export function missingIn(
  format: Readable,
  octets: Buffer,
  titles: readonly string[],
  required: readonly Required[],
): string[] {
  const sections = sectionsOf(format, octets, titles)
  return required
    .filter(({ section, texts }) => texts.some((text) => !(sections.get(section) ?? '').includes(tight(text))))
    .map(({ item }) => item)
}

/** Takes a produced file; gives it with one text blanked by hand. */
export function blanked(format: Exclude<Readable, 'pdf'>, octets: Buffer, text: string): Buffer {
  const without = (whole: string): string => whole.replaceAll(text, '')
  if (format === 'html' || format === 'csv') return Buffer.from(without(octets.toString()))
  const unpack = openZip(octets)
  const names = namesIn(octets)
  return writeZip(names.map((name) => [name, without(unpack(name)?.toString() ?? '')]))
}

/** Text of each section by its number, without spaces: lines break differently in each form. */
function sectionsOf(format: Readable, octets: Buffer, titles: readonly string[]): Map<number, string> {
  if (format === 'xlsx')
    return new Map(
      readXlsx(octets).map(({ name, table }) => [
        Number.parseInt(name, 10),
        tight(table.rows.flatMap(({ cells }) => cells).join(' ')),
      ]),
    )
  if (format === 'csv') {
    const sections = new Map<number, string>()
    for (const { cells } of readCsv(octets.toString()).rows) {
      const number = Number.parseInt(cells[0] ?? '', 10)
      sections.set(number, (sections.get(number) ?? '') + tight(`${cells[3] ?? ''} ${cells[4] ?? ''}`))
    }
    return sections
  }
  const text = tight(textOf(format, octets))
  const places = titles.map((title) => text.indexOf(tight(title).slice(0, 24)))
  return new Map(
    titles.map((title, index) => {
      const from = places[index] ?? -1
      const next = places.slice(index + 1).find((place) => place > from)
      return [Number.parseInt(title, 10), from < 0 ? '' : text.slice(from + tight(title).length, next ?? text.length)]
    }),
  )
}

/** All text of a file, for what must be nowhere in it. */
export function textOf(format: Readable, octets: Buffer): string {
  switch (format) {
    case 'html':
      return unescaped(
        octets
          .toString()
          .replace(/<style>.*?<\/style>/s, '')
          .replace(/<[^>]+>/g, ' '),
      )
    case 'csv':
      return octets.toString()
    case 'docx':
      return unescaped((openZip(octets)('word/document.xml')?.toString() ?? '').replace(/<[^>]+>/g, ' '))
    case 'xlsx':
      return readXlsx(octets)
        .flatMap(({ name, table }) => [name, ...table.rows.flatMap(({ cells }) => cells)])
        .join(' ')
    case 'pdf':
      return pdfText(octets)
    default:
      return format satisfies never
  }
}

function pdfText(octets: Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'pdf-'))
  try {
    writeFileSync(join(folder, 'a.pdf'), octets)
    return execFileSync('pdftotext', ['-raw', join(folder, 'a.pdf'), '-'], { encoding: 'utf8' }).normalize('NFC')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const tight = (text: string): string => text.replace(/[\s\u00A0\u202F]+/g, '')

const unescaped = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')

/** Names of the files of an archive, from its table. */
function namesIn(octets: Buffer): string[] {
  const names: string[] = []
  for (let at = octets.indexOf('PK\u0001\u0002'); at >= 0; at = octets.indexOf('PK\u0001\u0002', at + 46))
    names.push(octets.toString('utf8', at + 46, at + 46 + octets.readUInt16LE(at + 28)))
  return names
}
