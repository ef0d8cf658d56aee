import { withoutComments } from '../architecture/code-text.ts'
import type { SourceFile } from '../architecture/source-tree.ts'

/** Who does what with a topic, as the code says. */
export interface TopicUse {
  who: string
  does: 'reads' | 'writes'
  topic: string
  path: string
}

/** Code that runs in a command, not in a service, wherever its file is. */
const COMMAND_FILE =
  /^packages\/cli\/|^services\/console\/src\/registry\/|\/(commands|command|[a-z-]+-commands?|command-line)\.ts$/
/** The table of a sink: it names the topics that it reads. */
const READING_TABLE = /^services\/indexer\/src\/indices\//

const QUOTED = /'([a-z]+(?:-[a-z]+)*)'/g
const quoted = (text: string): string[] => [...text.matchAll(QUOTED)].map((match) => match[1] ?? '')

/** The service that a file belongs to; `cli` for the command line. */
export function ownerOf(path: string): string {
  return COMMAND_FILE.test(path) ? 'cli' : (/^services\/([^/]+)\//.exec(path)?.[1] ?? 'cli')
}

const LIST = /\bconst (\w+)[^=\n]*= \[([^\]]*)\]/g

/** Lists of topics that stand under a name, by file and over all files. */
export interface NamedLists {
  of(path: string, name: string): readonly string[]
}

/** Takes the code and the names of all topics; gives the lists of topics that stand under a name, the file's own first. */
export function namedLists(files: readonly SourceFile[], topics: ReadonlySet<string>): NamedLists {
  const own = new Map<string, string[]>()
  const anywhere = new Map<string, string[]>()
  for (const { path, text } of files) {
    for (const [, name = '', body = ''] of withoutComments(text).matchAll(LIST)) {
      const names = quoted(body).filter((topic) => topics.has(topic))
      own.set(`${path} ${name}`, names)
      if (names.length > 0) anywhere.set(name, names)
    }
  }
  return { of: (path, name) => own.get(`${path} ${name}`) ?? anywhere.get(name) ?? [] }
}

const READS = /(?:\binputs:|\.follow\()\s*(?:\[([^\]]*)\]|(\w+))/g

/** Takes one file; gives the topics that it reads as inputs of a stage or follows. */
export function inputsOf({ path, text }: SourceFile, lists: NamedLists): string[] {
  return [...withoutComments(text).matchAll(READS)].flatMap(([, listed, name = '']) =>
    listed === undefined ? lists.of(path, name) : quoted(listed),
  )
}

/**
 * Takes the code of the services and the command line, and the names of all topics; gives every use that the text shows:
 * outputs (`topic: 'x'`), inputs of stages, tables and follows.
 */
export function usesIn(files: readonly SourceFile[], topics: ReadonlySet<string>): TopicUse[] {
  const lists = namedLists(files, topics)
  return files.flatMap((file) => {
    const { path } = file
    const code = withoutComments(file.text)
    const found: TopicUse[] = []
    const add = (does: TopicUse['does'], names: readonly string[]): void => {
      for (const topic of names) if (topics.has(topic)) found.push({ who: ownerOf(path), does, topic, path })
    }
    if (READING_TABLE.test(path)) {
      add('reads', quoted(code))
      return found
    }
    for (const match of code.matchAll(/\btopic: '([a-z-]+)'/g)) add('writes', [match[1] ?? ''])
    if (/\bnew SourceCounter\(/.test(code)) add('writes', ['source-counts'])
    for (const match of code.matchAll(/\.table\(\s*'([a-z-]+)'/g)) add('reads', [match[1] ?? ''])
    add('reads', inputsOf(file, lists))
    return found
  })
}
