import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkName, checkPassword } from '../src/accounts.ts'
import { Passwords, randomPassword } from '../src/passwords.ts'

test('a password fits its own hash and no other, whatever form its letters came in', async () => {
  const passwords = new Passwords()
  const hash = await passwords.hash('Tiếng chuông báo động')
  assert.ok(await passwords.fits('Tiếng chuông báo động'.normalize('NFD'), hash))
  assert.ok(!(await passwords.fits('Tieng chuong bao dong', hash)))
  assert.ok(!(await passwords.fits('anything', null)))
  assert.notEqual((await passwords.hash('Tiếng chuông báo động')).hash, hash.hash, 'each has its own salt')
})

test('a flood of sign-ins is refused beyond a short queue instead of filling memory', async () => {
  const passwords = new Passwords()
  const tries = Array.from({ length: 60 }, () =>
    passwords.fits('x', null).catch((error: { code: string }) => error.code),
  )
  const refused = (await Promise.all(tries)).filter((answer) => answer === 'too_many_tries')
  assert.equal(refused.length, 60 - 2 - 40)
})

test('short passwords, names as passwords and repeated letters are refused', () => {
  for (const weak of ['short', 'a'.repeat(40), 'anna-anna-anna', 'x'.repeat(300)])
    assert.throws(() => checkPassword('anna', weak), { code: 'weak_password' }, weak)
  checkPassword('anna', 'correct horse battery')
  checkPassword('admin', randomPassword())
  assert.notEqual(randomPassword(), randomPassword())
})

test('a name that is not plain is refused', () => {
  for (const wrong of ['', 'Anna', '-x', 'a b', '__proto__', '../x', 'x'.repeat(65)])
    assert.throws(() => checkName(wrong), { code: 'bad_account' }, wrong)
})
