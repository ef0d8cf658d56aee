import assert from 'node:assert/strict'
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { rehearseImage, startImage } from './support/rehearse-image.ts'

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'tocsin-images-'))
after(() => rmSync(folder, { recursive: true, force: true }))

// CI takes one service of each shape; `IMAGES=all` takes all of them.
const all = readdirSync(join(root, 'services')).filter((name) =>
  existsSync(join(root, 'services', name, 'src/main.ts')),
)
const wanted =
  process.env.IMAGES === 'all' ? all : all.filter((name) => ['normalizer', 'indexer', 'console'].includes(name))

for (const service of wanted) {
  test(`the image of ${service} holds what the service needs to start, and no other service`, () => {
    const target = join(folder, service)
    rehearseImage(root, service, target)
    assert.deepEqual(readdirSync(join(target, 'services')), [service])
    assert.ok(lstatSync(join(target, 'node_modules/@tocsin/runtime')).isSymbolicLink(), 'the links are kept')
    const { code, output } = startImage(target, service, [])
    // Every import was found, or it would have ended before it looked at its settings.
    assert.match(output, /"code":"bad_settings".*KAFKA_BROKERS: is missing/)
    assert.equal(code, 1)
  })
}

test('the image of the command lists the commands of every service', () => {
  const target = join(folder, 'tocsin')
  rehearseImage(root, 'tocsin', target)
  const { code, output } = startImage(target, 'tocsin', ['--help'])
  assert.equal(code, 0, output)
  assert.doesNotMatch(output, /could not be loaded/)
  // What the chart's jobs and compose's set-up call must be there.
  const called = readFileSync(join(root, 'deploy/compose.yaml'), 'utf8').matchAll(/deploy\/docker\/start (\w+ \w+)/g)
  const commands = [...called].map((match) => match[1] ?? '')
  assert.ok(commands.length >= 4)
  for (const command of commands) assert.ok(output.includes(`  ${command} `), `there is no command ${command}`)
})
