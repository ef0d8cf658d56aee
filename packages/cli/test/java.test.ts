import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { findJava } from '../src/stack/java.ts'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-java-'))
after(() => rmSync(folder, { recursive: true }))

/** A folder that looks like a JDK of the given version. */
function jdk(parent: string, name: string, version: string): string {
  const home = join(folder, parent, name)
  mkdirSync(join(home, 'bin'), { recursive: true })
  writeFileSync(join(home, 'bin/java'), '')
  writeFileSync(join(home, 'release'), `IMPLEMENTOR="x"\nJAVA_VERSION="${version}"\n`)
  return home
}

const old = jdk('a', 'jdk-17', '17.0.15')
const fit = jdk('b', 'jdk-25', '25.0.3')

test('JAVA_HOME is taken where it is new enough', () => {
  assert.deepEqual(findJava(17, { JAVA_HOME: old, PATH: join(fit, 'bin') }, join(folder, 'none')), {
    home: old,
    version: 17,
  })
})

test('a java on the path that is new enough is taken where JAVA_HOME is too old', () => {
  assert.equal(findJava(21, { JAVA_HOME: old, PATH: join(fit, 'bin') }, join(folder, 'none')).home, fit)
})

test('the installed JDKs are searched last', () => {
  assert.equal(findJava(21, { PATH: join(old, 'bin') }, join(folder, 'b')).home, fit)
})

test('without a Java that is new enough one sentence says what is wanted, what was found and what to do', () => {
  assert.throws(() => findJava(21, { PATH: join(old, 'bin') }, join(folder, 'a')), {
    code: 'java_missing',
    message: `Java 21 or newer (a JDK) is needed and was not found (found only 17 in ${old}); install one, for example Temurin 25 from adoptium.net, or set JAVA_HOME.`,
  })
})
