// Keeps each schema as it stands as the next version of its record under schemas/released/, where it has changed since
// the last one: `node test/schemas/release.ts`, once a release. With --dry-run it says what it would keep.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { AvroSchema } from '@tocsin/avro'
import { root, textOf } from '../architecture/source-tree.ts'
import { clashes, isSame, releases } from './releases.ts'
import { schemaFiles } from './topic-table.ts'

const all = releases()
let kept = 0
for (const record of schemaFiles()) {
  const text = textOf(`schemas/${record}.avsc`)
  const schema = JSON.parse(text) as AvroSchema
  const earlier = all.filter((release) => release.record === record)
  const last = earlier.at(-1)
  if (last !== undefined && isSame(last.schema, schema)) continue
  const faults = clashes(schema, earlier)
  if (faults.length > 0) {
    console.error(faults.join('\n'))
    process.exitCode = 1
    continue
  }
  const path = `schemas/released/${record}/${(last?.version ?? 0) + 1}.avsc`
  kept++
  console.log(path)
  if (process.argv.includes('--dry-run')) continue
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
console.log(`${kept} versions to keep, ${all.length} kept before`)
