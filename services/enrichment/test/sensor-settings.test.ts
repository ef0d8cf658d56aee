// What `tocsin sensors serve` and `agent` say of a file of settings that they cannot use.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { after, test } from 'node:test'
import { sensorCommands } from '../src/sensors/commands.ts'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-sensor-settings-'))
after(() => rmSync(folder, { recursive: true }))

const agent = sensorCommands.find(({ name }) => name === 'sensors agent')
/** The sentence with which the agent refuses a file. */
async function refusalOf(file: string): Promise<string> {
  assert.ok(agent)
  const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), env: {} }
  try {
    await agent.run(['--config', file, '--once'], { ...io, signal: new AbortController().signal })
  } catch (error) {
    return (error as Error).message
  }
  return assert.fail('it went on')
}

test('a file that is not there is told apart from one that is no JSON and from one with wrong settings', async () => {
  const broken = join(folder, 'broken.json')
  writeFileSync(broken, '{')
  const empty = join(folder, 'empty.json')
  writeFileSync(empty, '{}')
  assert.match(await refusalOf(join(folder, 'nothing.json')), /^The file \S+nothing\.json cannot be read: ENOENT.*\.$/)
  assert.match(await refusalOf(broken), /^\S+broken\.json is no JSON: /)
  assert.match(await refusalOf(empty), /^\S+empty\.json: [^]*centre/)
})
