import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Child } from '../src/supervisor/child.ts'
import { isAlive } from '../src/supervisor/process-identity.ts'
import type { ProgramState } from '../src/supervisor/run-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-child-'))
after(() => rmSync(folder, { recursive: true }))

/** Keeps a one-line Node script alive and waits for states of it. */
function keep(
  name: string,
  script: string,
): { child: Child; until: (fits: (state: ProgramState) => boolean) => Promise<void> } {
  const waiting = new Set<() => void>()
  const child = new Child(
    {
      name,
      kind: 'service',
      command: process.execPath,
      args: ['-e', script],
      env: {},
      workingFolder: folder,
      dataFolder: join(folder, 'data', name),
      isReady: async () => true,
      readyTimeoutMs: 1000,
      after: [],
    },
    { logFile: join(folder, `${name}.log`), env: process.env, onChange: () => waiting.forEach((look) => look()) },
  )
  const until = (fits: (state: ProgramState) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!fits(child.state)) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  return { child, until }
}

test('a program that crashes is reported by name with how it ended and its last twenty lines', async () => {
  const script =
    "for (let i = 1; i <= 30; i += 1) console.log('line ' + i); console.error('no settings'); process.exitCode = 3"
  const { child, until } = keep('normalizer', script)
  await child.start()
  await until((state) => state.lastCrash !== null)
  assert.equal(child.state.name, 'normalizer')
  assert.equal(child.state.lastCrash?.how, 'exit code 3')
  assert.equal(child.state.lastCrash?.lines.length, 20)
  assert.equal(child.state.lastCrash?.lines.at(-1), 'no settings')
  await child.stop()
})

test('a program that is killed is started again under the same name', async () => {
  const { child, until } = keep('indexer', 'setInterval(() => {}, 1000)')
  await child.start()
  await until((state) => state.status === 'ready')
  const first = child.state.process
  process.kill(first?.pid ?? 0, 'SIGKILL')
  await until((state) => state.restarts === 1 && state.status === 'ready')
  assert.equal(child.state.lastCrash?.how, 'ended by SIGKILL')
  assert.notEqual(child.state.process?.pid, first?.pid)
  await child.stop()
})

test('a stopped program is gone and is not started again', async () => {
  const { child, until } = keep('reporter', 'setInterval(() => {}, 1000)')
  await child.start()
  await until((state) => state.status === 'ready')
  const identity = child.state.process
  await child.stop()
  assert.ok(identity !== null && !isAlive(identity))
  assert.deepEqual([child.state.status, child.state.process, child.state.restarts], ['stopped', null, 0])
})

test('a program that cannot be started at all is a crash that says why', async () => {
  const { child, until } = keep('console', '')
  Object.assign(child.program, { command: join(folder, 'no-such-node') })
  await child.start()
  await until((state) => state.lastCrash !== null)
  assert.match(child.state.lastCrash?.how ?? '', /could not be started: .*ENOENT/)
  await child.stop()
})
