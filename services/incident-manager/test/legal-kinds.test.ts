// What the law of Kazakhstan makes of a detection and of a person's own entry.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MINUTE, T0, world } from './world.ts'

test('KZ-2.4 an IS event is made by a rule of level medium or higher on a registered object, and by an analyst; by nothing less', async () => {
  const made = async (change: Parameters<ReturnType<typeof world>['detect']>[0]): Promise<string[]> => {
    const w = world()
    await w.begin()
    await w.detect({ constituent: 'kz-ministry', rsitClass: 'intrusion-attempts', ...change })
    return [...new Set(w.harness.written('incidents').map(({ kind }) => kind))]
  }
  const registered = { assetIds: ['asset-1'] }
  const unknown = { assetIds: [], systemIds: [], sourceIds: [] }
  assert.deepEqual(await made({ level: 'medium', ...registered }), ['event'])
  assert.deepEqual(await made({ level: 'high', ...registered }), ['event'])
  assert.deepEqual(await made({ level: 'low', ...registered }), [])
  assert.deepEqual(await made({ level: 'medium', ...unknown }), [])
  const w = world()
  await w.begin()
  const fields = { title: 'An unknown state of a server, told by telephone' }
  const { code, caseId } = await w.command('create', T0 + MINUTE, { caseId: '', constituent: 'kz-ministry', fields })
  assert.equal(code, 'accepted')
  assert.equal(w.latest(caseId).kind, 'event')
})
