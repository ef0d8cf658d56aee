/** Reads a Dockerfile and a .dockerignore as far as a check without an engine needs it. Pure. */

export interface Instruction {
  line: number
  name: string
  /** Flags such as `--from=build`, without the dashes. */
  flags: Record<string, string>
  /** What follows the flags, continuation lines joined. */
  rest: string
}

const KNOWN = new Set(
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(
    ' ',
  ),
)

/** Takes the text of a Dockerfile; gives its instructions. Throws with the line where one is not known. */
export function parseDockerfile(text: string): Instruction[] {
  const found: Instruction[] = []
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const start = at
    let joined = lines[at] ?? ''
    if (/^\s*(#|$)/.test(joined)) continue
    while (joined.endsWith('\\')) joined = `${joined.slice(0, -1)} ${(lines[++at] ?? '').trim()}`
    const parts = /^\s*([A-Za-z]+)\s+((?:--[a-z-]+=\S+\s+)*)(.*)$/.exec(joined)
    const name = parts?.[1]?.toUpperCase() ?? ''
    if (parts === null || !KNOWN.has(name)) throw new Error(`Dockerfile:${start + 1}: not an instruction: ${joined}`)
    const flags = [...(parts[2] ?? '').matchAll(/--([a-z-]+)=(\S+)/g)].map((flag) => [flag[1] ?? '', flag[2] ?? ''])
    found.push({
      line: start + 1,
      name,
      flags: Object.fromEntries(flags) as Record<string, string>,
      rest: (parts[3] ?? '').trim(),
    })
  }
  return found
}

/** Sentences on what is wrong with the instructions; `exists` tells whether a path (a name in it may be `$SERVICE`) reaches the context. */
export function dockerfileProblems(instructions: readonly Instruction[], exists: (path: string) => boolean): string[] {
  const problems: string[] = []
  const stages = new Set<string>()
  for (const { line, name, flags, rest } of instructions) {
    const say = (text: string) => problems.push(`Dockerfile:${line}: ${text}`)
    if (name === 'FROM') {
      const [image = '', , stage] = rest.split(/\s+/)
      if (!stages.has(image) && !/^[a-z0-9./-]+:\d+\.\d+\.\d+(-[a-z0-9.-]+)?(@sha256:[0-9a-f]{64})?$/.test(image))
        say(`${image} has no exact tag`)
      if (stage !== undefined) stages.add(stage)
    }
    if (name === 'COPY') {
      const sources = rest.split(/\s+/).slice(0, -1)
      if (sources.length === 0) say('COPY needs a source and a target')
      if (flags.from !== undefined && !stages.has(flags.from)) say(`there is no stage ${flags.from}`)
      if (flags.from === undefined)
        for (const source of sources) if (!exists(source)) say(`${source} does not reach the build`)
    }
    if (['ENTRYPOINT', 'CMD', 'VOLUME'].includes(name) && !isStringList(rest)) say(`${name} is not in exec form`)
    if (name === 'HEALTHCHECK' && !isStringList(rest.replace(/^.*?CMD\s+/, ''))) say('HEALTHCHECK is not in exec form')
    if (name === 'ADD') say('COPY says what ADD does, without surprises')
  }
  const last = (name: string) => instructions.findLast((instruction) => instruction.name === name)
  if (instructions[0]?.name !== 'FROM' && instructions[0]?.name !== 'ARG')
    problems.push('Dockerfile: begins with neither FROM nor ARG')
  if (!/^[1-9][0-9]*(:[1-9][0-9]*)?$/.test(last('USER')?.rest ?? ''))
    problems.push('Dockerfile: the last USER is not a number above 0')
  if (last('STOPSIGNAL')?.rest !== 'SIGTERM') problems.push('Dockerfile: STOPSIGNAL is not SIGTERM')
  for (const name of ['HEALTHCHECK', 'ENTRYPOINT'])
    if (last(name) === undefined) problems.push(`Dockerfile: ${name} is missing`)
  return problems
}

function isStringList(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')
  } catch {
    return false
  }
}

/** Takes the text of a .dockerignore; gives a function that tells whether a path is kept out of the context. The last rule that fits wins. */
export function ignoredBy(text: string): (path: string) => boolean {
  const rules = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ keeps: line.startsWith('!'), pattern: toPattern(line.replace(/^!/, '')) }))
  return (path) => {
    const prefixes = path.split('/').map((_, index, all) => all.slice(0, index + 1).join('/'))
    let ignored = false
    for (const rule of rules) if (prefixes.some((prefix) => rule.pattern.test(prefix))) ignored = !rule.keeps
    return ignored
  }
}

function toPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&')
  const body = escaped
    .replaceAll('**/', '\0')
    .replaceAll('**', '\u0001')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
  return new RegExp(`^${body.replaceAll('\0', '(?:.*/)?').replaceAll('\u0001', '.*')}$`)
}
