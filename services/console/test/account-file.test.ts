import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { AccountFile } from '../src/adapters/account-file.ts'
import { run } from './console-world.ts'

const folder = mkdtempSync(join(tmpdir(), 'accounts-'))
after(() => rmSync(folder, { recursive: true }))
const env = { TOCSIN_DATA: folder }

test('an account is added from standard input, kept private, and listed without its hash', async () => {
  const added = await run(
    env,
    'accounts add',
    ['dana', '--role', 'manager', '--constituent', 'kz-ministry'],
    'correct horse battery\n',
  )
  assert.equal(added.code, 0)
  const path = join(folder, 'accounts.json')
  assert.equal(statSync(path).mode & 0o777, 0o600)
  const text = readFileSync(path, 'utf8')
  assert.ok(!text.includes('correct horse'))
  const listed = await run(env, 'accounts list', ['--json'])
  assert.ok(!/hash|salt/.test(listed.out))
  assert.equal(new AccountFile(folder).get('dana')?.mustChangePassword, true)
  assert.deepEqual(
    readdirSync(folder).filter((name) => name !== 'accounts.json'),
    [],
  )
})

test('weak passwords, unknown roles and roles without a body change nothing', async () => {
  const before = readFileSync(join(folder, 'accounts.json'), 'utf8')
  await assert.rejects(run(env, 'accounts add', ['ben', '--role', 'inspector'], 'short\n'), { code: 'weak_password' })
  await assert.rejects(run(env, 'accounts add', ['ben', '--role', 'king'], 'x'), { code: 'bad_arguments' })
  await assert.rejects(run(env, 'accounts add', ['ben', '--role', 'manager'], 'x'), { code: 'bad_account' })
  assert.equal(readFileSync(join(folder, 'accounts.json'), 'utf8'), before)
})

test('twenty writers at once lose no account, and a running reader sees them', async () => {
  const reader = new AccountFile(folder)
  const dana = reader.get('dana')
  assert.ok(dana)
  const writers = Array.from({ length: 20 }, (_, n) =>
    new AccountFile(folder).change(`w${n}`, () => ({ ...dana, name: `w${n}` })),
  )
  await Promise.all(writers)
  assert.equal(reader.list().length, 21)
})

test('a broken file is named and not taken for an empty one', () => {
  writeFileSync(join(folder, 'accounts.json'), '{"format":"tocsin/accounts/1"')
  chmodSync(join(folder, 'accounts.json'), 0o600)
  assert.throws(() => new AccountFile(folder), { code: 'bad_account_file' })
})
