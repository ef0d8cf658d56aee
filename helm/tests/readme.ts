import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Makes the README's table of values from the comments of values.yaml: the lines `# -- …` just above a key describe it.
 * `node helm/tests/readme.ts` writes the table; the chart's tests fail when it is stale.
 */

const chart = join(import.meta.dirname, '..', 'tocsin')
const readme = join(chart, 'README.md')
const START = '<!-- values: made from values.yaml, do not edit -->'
const END = '<!-- /values -->'

/** Rows of the table and the keys that have no description. */
export function describeValues(text: string): { rows: string[]; bare: string[] } {
  const rows: string[] = []
  const bare: string[] = []
  const stack: { indent: number; key: string }[] = []
  let comment: string[] = []
  let covered = Number.POSITIVE_INFINITY
  for (const line of text.split('\n')) {
    const note = /^\s*# (--)? ?(.*)$/.exec(line)
    if (note) {
      if (note[1]) comment = [note[2] ?? '']
      else if (comment.length > 0) comment.push(note[2] ?? '')
      continue
    }
    const entry = /^(\s*)([A-Za-z][\w-]*):\s*(.*)$/.exec(line)
    if (!entry) continue
    const indent = (entry[1] ?? '').length
    while (stack.length > 0 && (stack.at(-1)?.indent ?? 0) >= indent) stack.pop()
    stack.push({ indent, key: entry[2] ?? '' })
    // What lies below a described key is described with it.
    if (indent > covered) continue
    covered = Number.POSITIVE_INFINITY
    const path = stack.map(({ key }) => key).join('.')
    const value = entry[3] ?? ''
    if (comment.length > 0) {
      rows.push(
        `| \`${path}\` | ${value === '' ? '' : `\`${value.replaceAll('|', '\\|')}\``} | ${comment.join(' ').replaceAll('|', '\\|')} |`,
      )
      covered = indent
      comment = []
    } else if (value !== '' && !path.startsWith('services.')) bare.push(path)
  }
  return { rows, bare }
}

function expected(): { text: string; bare: string[] } {
  const { rows, bare } = describeValues(readFileSync(join(chart, 'values.yaml'), 'utf8'))
  const table = `${START}\n\n| value | default | meaning |\n|---|---|---|\n${rows.join('\n')}\n\n${END}`
  const now = readFileSync(readme, 'utf8')
  const [start, end] = [now.indexOf(START), now.indexOf(END)]
  if (start < 0 || end < start) throw new Error(`helm/tocsin/README.md: the marks ${START} … ${END} are missing.`)
  return { text: now.slice(0, start) + table + now.slice(end + END.length), bare }
}

/** Sentences on what is wrong with the table; none when it is fresh and every key is described. */
export function readmeProblems(): string[] {
  const { text, bare } = expected()
  const problems = bare.map((path) => `values.yaml: ${path} has no description (a line "# -- …" above it)`)
  if (text !== readFileSync(readme, 'utf8'))
    problems.push('helm/tocsin/README.md is stale: run node helm/tests/readme.ts')
  return problems
}

if (import.meta.main) writeFileSync(readme, expected().text)
