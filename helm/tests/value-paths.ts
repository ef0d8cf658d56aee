/**
 * Walks values: which paths there are, how one is misspelt, how one is changed. Pure. A path is a list of keys; lists count as
 * one leaf. Maps whose keys are the operator's own (labels, settings, folders) are left out: no schema can know their keys.
 */

export type Path = readonly string[]
type Tree = Record<string, unknown>

const FREE_MAPS = new Set([
  'config',
  'secretFiles',
  'annotations',
  'podAnnotations',
  'podLabels',
  'labels',
  'nodeSelector',
  'affinity',
])

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Every path down to the leaves, without what lies inside free maps. */
export function leafPaths(tree: Tree, before: Path = []): Path[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const path = [...before, key]
    return isTree(value) && !FREE_MAPS.has(key) && Object.keys(value).length > 0 ? leafPaths(value, path) : [path]
  })
}

export function valueAt(tree: Tree, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (isTree(at) ? at[key] : undefined), tree)
}

/** A tree that holds only this value at this path. */
export function treeOf(path: Path, value: unknown): Tree {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Tree
}

/** Numbers from 0 to 1 that a seed decides (mulberry32), so that a failure can be repeated. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** One slip of the finger in one key of the path: a letter doubled, dropped, swapped or in the other case. */
export function misspell(path: Path, random: () => number): Path {
  // `global` itself is open, as Helm shares it; what we put into it is closed.
  const below = path[0] === 'global' ? 2 : 0
  const which = below + Math.floor(random() * (path.length - below))
  const key = path[which] ?? ''
  const at = Math.floor(random() * key.length)
  const letter = key.charAt(at)
  const other = letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()
  const slips = [
    `${key.slice(0, at)}${letter}${key.slice(at)}`,
    `${key.slice(0, at)}${key.slice(at + 1)}`,
    `${key.slice(0, at)}${key.charAt(at + 1)}${letter}${key.slice(at + 2)}`,
    `${key.slice(0, at)}${other}${key.slice(at + 1)}`,
  ].filter((slip) => slip !== key && slip !== '')
  const slip = slips[Math.floor(random() * slips.length)] ?? `${key}x`
  return [...path.slice(0, which), slip, ...path.slice(which + 1)]
}

/** Another value: the next choice where the schema lists some, else one of the same kind, whether or not the schema would take it. */
export function changed(value: unknown, choices: readonly unknown[] = []): unknown {
  const other = choices.find((choice) => choice !== value)
  if (other !== undefined) return other
  if (typeof value === 'boolean') return !value
  if (typeof value === 'number') return value + 1
  if (typeof value === 'string') return value === '' ? 'changed' : `${value}-changed`
  if (Array.isArray(value)) return value.length === 0 ? ['changed'] : value.slice(1)
  return { changed: 'changed' }
}

/** What the schema lists as choices at a path; nothing where it lists none. */
export function choicesAt(schema: Tree, path: Path): readonly unknown[] {
  const follow = (node: unknown): Tree => {
    const tree = isTree(node) ? node : {}
    return typeof tree.$ref === 'string' ? follow(valueAt(schema, tree.$ref.split('/').slice(1))) : tree
  }
  const node = path.reduce<Tree>((at, key) => follow((isTree(at.properties) ? at.properties : {})[key]), follow(schema))
  return Array.isArray(node.enum) ? node.enum : []
}
