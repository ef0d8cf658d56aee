/** One id of the law: a row of `docs/regulations/ids.tsv`. */
export interface LawId {
  id: string
  /** S: the software carries the duty; A: a person does and the software holds the record; N: no software part. */
  mark: 'S' | 'A' | 'N'
  law: string
  title: string
  /** The smallest change that must turn the id red: `file :: old text => new text`; empty where nobody wrote one yet. */
  break: string
}

const HEADER = 'id\tmark\tlaw\ttitle\tbreak'

/** Reads the table. Throws with the line number when a row is not five cells, a mark is unknown or an id stands twice. */
export function readIds(text: string): LawId[] {
  const lines = text.trimEnd().split('\n')
  if (lines[0] !== HEADER) throw new Error(`ids.tsv does not begin with: ${HEADER}`)
  const seen = new Set<string>()
  return lines.slice(1).map((line, index) => {
    const [id = '', mark = '', law = '', title = '', breakText = '', ...rest] = line.split('\t')
    const where = `ids.tsv line ${index + 2}`
    if (rest.length > 0 || id === '') throw new Error(`${where}: not five cells`)
    if (mark !== 'S' && mark !== 'A' && mark !== 'N') throw new Error(`${where}: unknown mark ${mark}`)
    if (seen.has(id)) throw new Error(`${where}: ${id} stands twice`)
    seen.add(id)
    return { id, mark, law, title, break: breakText }
  })
}

/** Writes the table as `readIds` reads it. */
export function writeIds(ids: readonly LawId[]): string {
  const rows = ids.map(({ id, mark, law, title, break: breakText }) => [id, mark, law, title, breakText].join('\t'))
  return `${[HEADER, ...rows].join('\n')}\n`
}
