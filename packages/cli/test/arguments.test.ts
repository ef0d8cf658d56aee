import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readNames, readNumbers, readOptions } from '../src/arguments.ts'
import { dataFolderOf, openDataFolder } from '../src/data-folder.ts'
import { portWishes, selectServices } from '../src/stack/plan.ts'

test('ports are read as name=number pairs', () => {
  assert.deepEqual(
    [...readNumbers('ports', 'kafka=29092,console=8080', 1, 65_535)],
    [
      ['kafka', 29092],
      ['console', 8080],
    ],
  )
})

for (const text of [
  'kafka',
  'kafka=',
  'kafka=abc',
  '=1',
  'kafka=0',
  'kafka=65536',
  'kafka=1,,',
  '__proto__=1',
  'kafka=-1',
]) {
  test(`"${text}" is refused as a list of ports`, () => {
    assert.throws(() => readNumbers('ports', text, 1, 65_535), { code: 'bad_argument' })
  })
}

test('an option that does not exist is refused in one sentence', () => {
  assert.throws(() => readOptions(['--prots', 'x'], { ports: { type: 'string' } }), {
    code: 'bad_argument',
    message: "Unknown option '--prots'; see --help.",
  })
})

test('"none" means no service and nothing given means all', () => {
  assert.deepEqual(readNames('none'), [])
  assert.equal(readNames(undefined), null)
  assert.deepEqual(readNames('normalizer, indexer'), ['normalizer', 'indexer'])
})

test('services start in the order of the path, whatever the order asked for', () => {
  assert.deepEqual(selectServices(['indexer', 'normalizer'], new Map([['normalizer', 2]])), [
    { name: 'normalizer', replicas: 2 },
    { name: 'indexer', replicas: 1 },
  ])
})

test('a service that does not exist is refused with the names that do', () => {
  assert.throws(() => selectServices(['normaliser'], new Map()), { code: 'bad_argument' })
  assert.throws(() => selectServices(null, new Map([['normaliser', 2]])), { code: 'bad_argument' })
})

test('each process of a service has an admin port of its own', () => {
  const names = portWishes([{ name: 'normalizer', replicas: 2 }]).map((wish) => wish.name)
  assert.ok(names.includes('normalizer-admin') && names.includes('normalizer-1-admin'))
})

test('a data folder that cannot be made is refused in one sentence and at once', () => {
  assert.throws(() => openDataFolder(dataFolderOf('/proc/tocsin')), {
    code: 'data_folder_unwritable',
    message:
      /^The data folder \/proc\/tocsin cannot be made or written \(E[A-Z]+\); give another one with --data DIR\.$/,
  })
})

test('a disk with too little room is refused in one sentence that says how much is wanted', () => {
  assert.throws(() => openDataFolder('/tmp', 1e12), {
    code: 'disk_full',
    message: /^Only \d+ MB are free at \/tmp and the stack needs 1000000000000 MB; free some space/,
  })
})
