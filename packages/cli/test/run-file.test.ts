import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { identify, isAlive } from '../src/supervisor/process-identity.ts'
import {
  isRunning,
  leftProcesses,
  type RunState,
  readRunState,
  runFile,
  writeRunState,
} from '../src/supervisor/run-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-run-file-'))
after(() => rmSync(folder, { recursive: true }))

const state: RunState = {
  version: 1,
  phase: 'ready',
  supervisor: identify(process.pid),
  startedAt: '2026-11-22T00:00:00.000Z',
  addresses: [{ name: 'Kafka', address: '127.0.0.1:19092' }],
  env: { KAFKA_BROKERS: '127.0.0.1:19092' },
  programs: [],
  steps: [],
  problem: null,
}

test('a state is read back as it was written and leaves no partial file behind', () => {
  writeRunState(folder, state)
  assert.deepEqual(readRunState(folder), state)
  assert.deepEqual(readdirSync(folder), ['run.json'])
})

test('a folder without a state, and one with half a state, have none', () => {
  assert.equal(readRunState(join(folder, 'nothing')), null)
  writeFileSync(runFile(folder), '{"version": 1, "phase":')
  assert.equal(readRunState(folder), null)
})

test('a stack runs while the very process that wrote its state runs', () => {
  assert.equal(isRunning(state), true)
  // The same pid with another start time is another process: the pid was used again.
  const reused = { ...state, supervisor: { ...state.supervisor, startTicks: '1' } }
  assert.equal(isRunning(reused), process.platform !== 'linux')
})

test('processes that outlived their supervisor are found until they end', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  await once(child, 'spawn')
  const identity = identify(child.pid ?? 0)
  const program = {
    name: 'a',
    kind: 'service',
    status: 'ready',
    process: identity,
    restarts: 0,
    logFile: '',
    lastCrash: null,
  }
  const left = { ...state, programs: [program as RunState['programs'][number]] }
  assert.deepEqual(leftProcesses(left), [identity])
  child.kill('SIGKILL')
  await once(child, 'exit')
  assert.equal(isAlive(identity), false)
  assert.deepEqual(leftProcesses(left), [])
})
