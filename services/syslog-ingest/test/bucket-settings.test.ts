import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bucketSettings } from '../src/adapters/bucket-store.ts'

const KEYS = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' }

test('a bucket is reached over TLS, or on this machine', () => {
  const aws = bucketSettings('s3://raw/centre/a/', { ...KEYS, AWS_REGION: 'ap-southeast-1' })
  assert.deepEqual(
    [aws.endpoint, aws.bucket, aws.prefix],
    ['https://s3.ap-southeast-1.amazonaws.com', 'raw', 'centre/a'],
  )
  const here = { ...KEYS, ARCHIVE_S3_ENDPOINT: 'http://127.0.0.1:9000/' }
  assert.equal(bucketSettings('s3://raw', here).endpoint, 'http://127.0.0.1:9000')
  assert.equal(bucketSettings('s3://raw', here).prefix, '')
  const plain = { ...KEYS, ARCHIVE_S3_ENDPOINT: 'http://store.example:9000' }
  assert.throws(() => bucketSettings('s3://raw', plain), { code: 'bad_argument', message: /not https/ })
  assert.throws(() => bucketSettings('s3://raw', {}), { code: 'bad_argument', message: /AWS_ACCESS_KEY_ID/ })
})
