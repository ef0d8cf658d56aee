// The archive in a bucket of a real object store with the S3 interface: moto's server (PyPI: moto[s3,server]) where it is on
// the path, else one that TOCSIN_TEST_S3 names (with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY).
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '@tocsin/test/support/listening'
import { Archive } from '../src/adapters/archive.ts'
import { BucketStore, bucketSettings } from '../src/adapters/bucket-store.ts'
import { signManifest } from '../src/evidence/archive-manifest.ts'
import { makeArchive, manifestOf, privateKey, START } from './archive-under-test.ts'

const given = process.env['TOCSIN_TEST_S3']
const hasMoto = spawnSync('moto_server', ['--help']).status === 0
const skip =
  given === undefined && !hasMoto ? 'no object store: neither moto_server on the path nor TOCSIN_TEST_S3' : false
const bucket = `tocsin-test-${process.pid}`
let env: Record<string, string | undefined>
let stop = () => {}

before(async () => {
  if (skip !== false) return
  env = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', ...process.env }
  env['ARCHIVE_S3_ENDPOINT'] = given
  if (given === undefined) {
    const port = await freePort()
    const server = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
    stop = () => void server.kill('SIGKILL')
    env['ARCHIVE_S3_ENDPOINT'] = `http://127.0.0.1:${port}`
  }
  // A bucket is made by its name alone: an object at the root of the store.
  for (let tries = 0; ; tries++) {
    try {
      await fetch(`${env['ARCHIVE_S3_ENDPOINT']}/${bucket}`, { method: 'PUT' })
      return
    } catch (error) {
      if (tries > 300) throw error
      await pause(200)
    }
  }
})
after(() => stop())

const store = (prefix: string) => new BucketStore(bucketSettings(`s3://${bucket}/${prefix}`, env))

test('an archive in a bucket: blocks come back octet for octet, an exchanged object is found, what is removed is gone', {
  skip,
}, async () => {
  const archive = new Archive(store('centre/raw'))
  const { file, blocks } = await makeArchive(archive)
  const found = []
  for await (const block of archive.blocks(file.path)) found.push(block)
  assert.deepEqual(found, blocks)
  assert.equal(await archive.fileFault(file), null)
  await archive.addManifest(signManifest(manifestOf(), privateKey), START)
  assert.equal((await archive.manifests()).length, 2)
  // Nothing of another folder of the bucket is in the list, and the other archive sees none of ours.
  assert.deepEqual(await new Archive(store('centre/other')).manifests(), [])
  await store('centre/raw').write(file.path, [Buffer.from('exchanged')])
  assert.match((await archive.fileFault(file)) ?? '', /was altered/)
  await archive.remove(file.path)
  assert.match((await archive.fileFault(file)) ?? '', /is missing/)
})

test('a list longer than one answer of the store is read to its end, and odd names come back as they are', {
  skip,
}, async () => {
  const many = store('many')
  const names = Array.from({ length: 1_050 }, (_, number) => `${String(number).padStart(4, '0')} & <odd> +=.json`)
  for (let from = 0; from < names.length; from += 50)
    await Promise.all(names.slice(from, from + 50).map((name) => many.write(`manifests/${name}`, [Buffer.from('x')])))
  assert.deepEqual((await many.names('manifests')).toSorted(), names)
})

test('a store that refuses or does not answer is named, with what to look at', { skip }, async () => {
  const wrong = new BucketStore(bucketSettings(`s3://${bucket}-nobody/x`, env))
  await assert.rejects(wrong.names('manifests'), { code: 'archive_store_refused', message: /NoSuchBucket/ })
  const away = bucketSettings('s3://b/x', { ...env, ARCHIVE_S3_ENDPOINT: 'http://127.0.0.1:1' })
  await assert.rejects(new BucketStore(away).names('manifests'), { code: 'archive_store_unreachable' })
})
