import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { manualClock } from '@tocsin/runtime'
import { collectCommands } from '../../src/collect/commands.ts'
import { readCollectConfig } from '../../src/collect/config-file.ts'
import { configText } from './collector-under-test.ts'
import { appendAll, openStore, START, withFolder } from './store-under-test.ts'

/** Runs one command; gives its exit code and what it printed. */
async function run(name: string, ...args: string[]): Promise<{ code: number; printed: string }> {
  const command = collectCommands.find((each) => each.name === name)
  assert.ok(command !== undefined)
  const stdout = new PassThrough({ highWaterMark: 1e7 })
  const streams = { stdin: new PassThrough(), stderr: new PassThrough(), stdout }
  const code = await command.run(args, { ...streams, env: {}, signal: new AbortController().signal })
  return { code, printed: String(stdout.read() ?? '') }
}

/** A stopped collector's store with 60 lines, one a minute, and its configuration file. */
async function withStore(use: (config: string, folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const clock = manualClock(START)
    const bounds = { maxBytes: 1e6, keepMs: 1e12, policy: 'refuse' } as const
    const store = await openStore(folder, { clock, bounds })
    for (let minute = 0; minute < 60; minute++) {
      await appendAll(
        store,
        [`<13>minute ${minute} ${minute % 2 === 0 ? 'accept' : 'deny'}`],
        minute < 30 ? 'tcp' : 'app',
        clock.now(),
      )
      clock.advance(60_000)
    }
    store.forwarded(40)
    await store.close()
    const config = join(dirname(folder), 'collect.yaml')
    writeFileSync(config, configText(folder, '127.0.0.1:1'))
    await use(config, folder)
  })
}

test('KZ-2.8 the store can be inspected: what it holds, what waits, how much room is left', async () => {
  await withStore(async (config) => {
    const { code, printed } = await run('collect status', '--config', config, '--json', '--verify')
    const { collector, circuit, running, firstSeq, lastSeq, forwardedSeq, waitingLines, verified } = JSON.parse(printed)
    assert.deepEqual(
      { code, collector, circuit, running, firstSeq, lastSeq, forwardedSeq, waitingLines },
      {
        code: 0,
        collector: 'inner-1',
        circuit: 'inner',
        running: false,
        firstSeq: 1,
        lastSeq: 60,
        forwardedSeq: 40,
        waitingLines: 20,
      },
    )
    assert.deepEqual(verified, { lines: 60, damagedParts: 0, missingLines: 0, inputs: { tcp: 30, app: 30 } })
    assert.match((await run('collect status', '--config', config)).printed, /up to 40; 20 wait/)
  })
})

test('KZ-2.8 the store can be searched: by text, expression, input and number of lines', async () => {
  await withStore(async (config) => {
    const search = async (...args: string[]) => {
      const { code, printed } = await run('collect search', '--config', config, ...args)
      return {
        code,
        seqs: printed.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).seq as number])),
      }
    }
    assert.deepEqual(await search('--text', 'minute 7 '), { code: 0, seqs: [8] })
    assert.deepEqual(await search('--regex', 'minute (1|2) ', '--input', 'tcp'), { code: 0, seqs: [2, 3] })
    assert.deepEqual(await search('--regex', 'deny$', '--limit', '2'), { code: 0, seqs: [2, 4] })
    assert.deepEqual(await search('--text', 'nowhere'), { code: 1, seqs: [] })
    assert.deepEqual(await search('--address', '192.0.2.2'), { code: 1, seqs: [] })
    const raw = await run('collect search', '--config', config, '--text', 'minute 7 ', '--raw')
    assert.equal(raw.printed, '<13>minute 7 deny\n')
    await assert.rejects(search('--regex', '(a'), { code: 'bad_argument' })
    await assert.rejects(search('--from', 'yesterday'), { code: 'bad_argument' })
    await assert.rejects(search('--limit', '0'), { code: 'bad_argument' })
  })
})

test('a span of time is cut out exactly, over segment borders', async () => {
  await withStore(async (config) => {
    const span = ['--from', '2026-01-05T08:10:00Z', '--to', '2026-01-05T08:40:00Z', '--raw']
    const { printed } = await run('collect search', '--config', config, ...span)
    assert.deepEqual(
      printed.match(/minute \d+/g),
      Array.from({ length: 30 }, (_, index) => `minute ${index + 10}`),
    )
    const none = await run('collect search', '--config', config, '--from', '2026-01-05T09:00:00Z')
    assert.equal(none.code, 1)
  })
})

test('damage is found by a check, with how many lines it cost', async () => {
  await withStore(async (config, folder) => {
    const file = join(
      folder,
      readdirSync(folder)
        .filter((name) => name.endsWith('.seg'))
        .sort()[1] as string,
    )
    const octets = readFileSync(file)
    const at = octets.indexOf('minute')
    octets[at] = (octets[at] as number) ^ 1
    writeFileSync(file, octets)
    const { code, printed } = await run('collect status', '--config', config, '--json', '--verify')
    assert.equal(code, 1)
    assert.deepEqual(JSON.parse(printed).verified.missingLines, 1)
  })
})

test('where there is no store, that is said', async () => {
  await withFolder(async (folder) => {
    const config = join(dirname(folder), 'collect.yaml')
    writeFileSync(config, configText(folder, '127.0.0.1:1'))
    await assert.rejects(run('collect status', '--config', config), { code: 'collector_no_store' })
    await assert.rejects(run('collect search', '--config', config), { code: 'collector_no_store' })
  })
})

test('the configuration in the documentation is right', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/operations/collector.md'), 'utf8')
  const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
  const config = readCollectConfig(example, 'collector.md')
  assert.equal(config.circuit, 'inner')
  assert.equal(config.centre.addresses.length, 2)
})

test('a wrong configuration is told in one sentence: file, line, setting, reason', () => {
  const right = configText('/var/lib/x', 'centre.example:2514')
  const cases: [from: string | RegExp, to: string, sentence: RegExp][] = [
    ['circuit: inner', 'circuit: both', /^c\.yaml, line 3: circuit: Invalid option.*\.$/],
    ['collector: inner-1', 'collector: Inner 1', /^c\.yaml, line 2: collector: must be 1 to 40 of a-z, 0-9 and -\.$/],
    ['udp: 0,', 'udp: 70000,', /^c\.yaml, line 5: listen\.udp: /],
    ['allow: [127.0.0.0/8]', 'allow: [10.0.0.0/99]', /^c\.yaml, line 5: listen\.allow\.0: is no address or CIDR\.$/],
    ['tcp: 0', 'tls: 6514', /listen\.certFile: tls and relpTls need certFile and keyFile\.$/],
    [
      'plaintext: true',
      'plaintext: true, caFile: ca.pem',
      /centre\.plaintext: plaintext and caFile exclude each other\.$/,
    ],
    ['plaintext: true', 'password: secret', /line 6: centre: Unrecognized key: "password"\.$/],
    ['centre.example:2514', 'centre.example', /centre\.addresses\.0: must be host:port\.$/],
    [/listen:.*/, '', /c\.yaml.*: nothing is collected: name listen, files or journal\.$/],
    [
      /listen:.*/,
      'files: [{ name: a, path: /a }, { name: a, path: /b }]',
      /line 5: files\.1\.name: a is already the name/,
    ],
    ['circuit: inner', 'circuit: [', /^c\.yaml, line \d+: is no YAML: /],
  ]
  for (const [from, to, sentence] of cases) {
    assert.throws(
      () => readCollectConfig(right.replace(from, to), 'c.yaml'),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'bad_collect_config')
        assert.match(error.message, sentence)
        return true
      },
    )
  }
})
