// What is generated is fresh: types from the schemas, the description for agencies from topics and schemas.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { root } from '../architecture/source-tree.ts'

const check = (script: string): void => {
  execFileSync(process.execPath, [join(root, script), '--check'], { stdio: 'pipe' })
}

test('packages/events/src/records.gen.ts is what `npm run generate` writes', () => {
  assert.doesNotThrow(() => check('packages/events/generate.ts'))
})

test('docs/asyncapi.yaml is what `npm run generate` writes', () => {
  assert.doesNotThrow(() => check('test/schemas/asyncapi.ts'))
})
