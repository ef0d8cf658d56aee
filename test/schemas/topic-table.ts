import { parse } from 'yaml'
import { pathsBelow, textOf } from '../architecture/source-tree.ts'

/** One topic as the table and the file of topics say. */
export interface TopicRow {
  topic: string
  record: string
  key: string
  writers: string[]
  readers: string[]
  partitions: number
  retention: string
  cleanup: string
}

/** The part of deploy/topics/topics.yaml that the table shows. */
export interface TopicsFile {
  topics: (Omit<TopicRow, 'topic' | 'record'> & { name: string })[]
  changelogs: { stage: string; stores: string[]; partitions: number }[]
  feeds: { agencies: string[]; partitions: number; retention: string; cleanup: string }
}

const list = (cell: string): string[] => cell.split(',').map((entry) => entry.trim())

/** Takes the text of schemas/README.md; gives its table. */
export function tableOf(readme: string): TopicRow[] {
  return readme.split('\n').flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim())
    const topic = /^`([a-z-]+)`$/.exec(cells[1] ?? '')?.[1]
    const record = /^\[([a-z-]+)\.avsc\]\(\1\.avsc\)$/.exec(cells[2] ?? '')?.[1]
    if (topic === undefined || record === undefined) return []
    const [, , , key = '', writers = '', readers = '', partitions = '', retention = '', cleanup = ''] = cells
    return [
      {
        topic,
        record,
        key,
        writers: list(writers),
        readers: list(readers),
        partitions: Number(partitions),
        retention,
        cleanup,
      },
    ]
  })
}

/** Reads deploy/topics/topics.yaml. */
export const topicsFile = (): TopicsFile => parse(textOf('deploy/topics/topics.yaml')) as TopicsFile

/** Records that have a schema, by file name. */
export const schemaFiles = (): string[] =>
  pathsBelow('schemas')
    .filter((path) => /^schemas\/[a-z-]+\.avsc$/.test(path))
    .map((path) => path.slice('schemas/'.length, -'.avsc'.length))
    .sort()
