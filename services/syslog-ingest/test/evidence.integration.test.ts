// From lines on a socket to a pack that a stranger checks: the real service, real topics, the real commands.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { eventIdFrom } from '@tocsin/events'
import { openSender } from '../src/adapters/syslog-sender.ts'
import { commands } from '../src/commands.ts'
import { blockFromLine } from '../src/evidence/block-text.ts'
import type { EvidencePack } from '../src/evidence/pack.ts'
import type { Target } from '../src/generator/plan.ts'
import { eventually, ingestOnKafka } from './ingest-on-kafka.ts'

const NAME = 'evidence'

const target = (port: number): Target => ({
  transport: 'tcp',
  host: '127.0.0.1',
  port,
  framing: 'octet-counting',
  caFile: null,
  certFile: null,
  keyFile: null,
  insecure: false,
})

/** Runs a command; gives its exit code and output. */
async function run(env: Record<string, string>, name: string, ...args: string[]) {
  const command = commands.find((one) => one.name === name)
  assert.ok(command, name)
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const io = { stdin: Readable.from([]), stdout, stderr, env, signal: new AbortController().signal }
  const code = await command.run(args, io)
  stdout.end()
  stderr.end()
  return { code, out: await text(stdout), err: await text(stderr) }
}

test('SEC-S3 a record that came over a socket is packed, checked by the lone verifier, and one altered byte is found', {
  timeout: 180_000,
}, async (t) => {
  const world = await ingestOnKafka(NAME, [{ addresses: ['127.1.0.1'] }])
  t.after(() => world.close())
  const { env, folder } = world
  const keyFile = join(folder, 'signing.pem')
  assert.equal((await run(env, 'evidence key', '--out', keyFile)).code, 0)
  await assert.rejects(run(env, 'evidence key', '--out', keyFile), { code: 'key_not_written' })
  await world.start({ SYSLOG_INGEST_TCP_PORT: '0', SYSLOG_INGEST_SIGNING_KEY_FILE: keyFile })
  const { port } = JSON.parse(await world.process().lineLike(/listening on tcp/)) as { port: number }
  const sender = await openSender(target(port), '127.1.0.1')
  const lines = Array.from({ length: 2_000 }, (_, n) => Buffer.from(`<13>record ${n} ключ`))
  await sender.send(lines)
  await eventually(() => world.frames().length === lines.length, 'all records on the topic')
  const wanted = world.blocks.flatMap((block) =>
    block.frames.slice(0, 1).map(({ receivedAt }) => eventIdFrom(block.blockId, 0, receivedAt)),
  )
  const early = await run(env, 'evidence pack', '--event', wanted[0] ?? '', '--out', join(folder, 'early'))
  assert.equal(early.code, 1)
  assert.match(early.out, /no signed root covers its block yet/)
  await sender.close()
  assert.equal(await world.process().stop(), 0)

  const out = join(folder, 'pack')
  const packed = await run(env, 'evidence pack', ...wanted.flatMap((id) => ['--event', id]), '--out', out)
  assert.equal(packed.code, 0, packed.out)
  const held = join(folder, 'held.ndjson')
  writeFileSync(held, (await run(env, 'evidence checkpoints')).out)
  const lone = (pack: string) =>
    spawnSync(process.execPath, [join(out, 'verify-evidence.ts'), pack, '--key', `${keyFile}.pub`, '--held', held], {
      encoding: 'utf8',
    })
  const good = lone(join(out, 'pack.json'))
  assert.equal(good.status, 0, good.stdout)
  assert.match(good.stdout, new RegExp(`All ${wanted.length} records hold`))
  assert.match(good.stdout, /"<13>record 0 ключ"/)

  const pack = JSON.parse(readFileSync(join(out, 'pack.json'), 'utf8')) as EvidencePack
  pack.blocks[0]?.frames.splice(0, 1, Buffer.from('<13>record 1 ключ').toString('base64'))
  writeFileSync(join(folder, 'altered.json'), JSON.stringify(pack))
  assert.match(lone(join(folder, 'altered.json')).stdout, /PROBLEM {2}block 0: its records were altered/)

  const archive = join(folder, 'archive')
  const archiveKey = join(folder, 'archive.pem')
  await run(env, 'evidence key', '--out', archiveKey)
  const stored = await run(env, 'archive', '--to', archive, '--key', archiveKey)
  assert.deepEqual(JSON.parse(stored.out), { files: 1, blocks: world.blocks.length, incomplete: [] })
  assert.match((await run(env, 'archive', '--to', archive, '--key', archiveKey)).out, /"files":0/, 'nothing twice')
  const keys = ['--key', `${archiveKey}.pub`, '--key', `${keyFile}.pub`]
  assert.equal((await run(env, 'archive verify', '--dir', archive, ...keys)).code, 0)
  const span = ['--from', '2020-01-01T00:00:00Z', '--until', '2100-01-01T00:00:00Z']
  const restored = await run(env, 'archive restore', '--dir', archive, ...keys, ...span)
  assert.deepEqual(
    restored.out
      .trim()
      .split('\n')
      .flatMap((line) => blockFromLine(line).frames.map(({ octets }) => octets)),
    lines,
    'VN-5.3h: every record comes back, octet for octet, in order',
  )
  await assert.rejects(
    run(env, 'archive prune', '--dir', archive, '--key', archiveKey, '--before', '2100-01-01T00:00:00Z'),
    {
      code: 'below_retention_floor',
      message: /of body-a up to .*kz-order-199 \(KZ-2.8\) wants all since/,
    },
  )
  const again = await run(
    env,
    'evidence pack',
    '--event',
    wanted[0] ?? '',
    '--out',
    join(folder, 'again'),
    '--archive',
    archive,
  )
  assert.equal(again.code, 0, again.out)

  const checked = await run(env, 'evidence check', '--key', `${keyFile}.pub`)
  assert.equal(checked.code, 0, checked.out)
  assert.match(checked.out, /blocks of 1 chains; \d+ checkpoints agree, 0 reach back/)
})
