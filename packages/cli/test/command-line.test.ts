import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import type { Command } from '@tocsin/runtime'
import { findCommand, ownCommands } from '../src/command-table.ts'
import { helpOf, runCommandLine } from '../src/index.ts'
import { projectRoot, serverVersions } from '../src/stack/places.ts'

async function run(...words: string[]): Promise<{ exitCode: number; out: string; error: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const exitCode = await runCommandLine(words, { stdin, stdout, stderr, env: {}, signal: new AbortController().signal })
  return { exitCode, out: String(stdout.read() ?? ''), error: String(stderr.read() ?? '') }
}

const command = (name: string): Command => ({ name, summary: 's', usage: name, examples: [], run: async () => 0 })

test('a command that does not exist gives one sentence and exit code 2', async () => {
  const { exitCode, out, error } = await run('frobnicate', '--now')
  assert.deepEqual({ exitCode, out }, { exitCode: 2, out: '' })
  assert.match(error, /^There is no command "frobnicate"; `tocsin --help` lists them\.\n/)
})

test('help lists every command with its one line', async () => {
  const { exitCode, out } = await run('--help')
  assert.equal(exitCode, 0)
  for (const { name, summary } of ownCommands()) assert.ok(out.includes(name) && out.includes(summary), name)
})

test('the help of each command shows its usage and at least one example, and runs nothing', async () => {
  for (const { name, usage, examples } of ownCommands()) {
    const { exitCode, out } = await run(...name.split(' '), '--help')
    assert.equal(exitCode, 0)
    assert.ok(out.includes(`usage: tocsin ${usage}`) && examples.length > 0, name)
    for (const example of examples) assert.ok(out.includes(example) && example.startsWith(`tocsin ${name}`), example)
  }
})

test('an option that is wrong gives one sentence without a stack and exit code 2', async () => {
  const { exitCode, error } = await run('status', '--jsno')
  assert.deepEqual({ exitCode, error }, { exitCode: 2, error: "Unknown option '--jsno'; see --help.\n" })
})

test('of two commands that fit the one with the longer name is meant', () => {
  const commands = [command('rules'), command('rules publish')]
  assert.equal(findCommand(commands, ['rules', 'publish', 'x'])?.command.name, 'rules publish')
  assert.deepEqual(findCommand(commands, ['rules', 'lint'])?.args, ['lint'])
  assert.equal(findCommand(commands, ['rule']), null)
})

test('the help text of a command ends with its examples', () => {
  assert.equal(helpOf({ ...command('a'), examples: ['tocsin a'] }), 's\n\nusage: tocsin a\n\nexamples:\n  tocsin a\n')
})

test('the launcher works under another Node and passes the exit code on', () => {
  const launcher = join(projectRoot, 'packages/cli/bin/tocsin.js')
  assert.match(execFileSync(process.execPath, [launcher, 'down', '--help'], { encoding: 'utf8' }), /usage: tocsin down/)
  assert.equal(spawnSync(process.execPath, [launcher, 'frobnicate']).status, 2)
  // Syntax that an old Node cannot read would stop the launcher before it could say anything.
  assert.doesNotMatch(readFileSync(launcher, 'utf8'), /: string|\busing\b|import\.meta\.dirname/)
})

test('the versions of the servers are those of the pom', () => {
  const pom = readFileSync(join(projectRoot, 'deploy/embedded/pom.xml'), 'utf8')
  const version = (name: string): string | undefined => new RegExp(`<${name}.version>(.*)</`).exec(pom)?.[1]
  assert.deepEqual(serverVersions, {
    kafka: version('kafka'),
    elasticsearch: version('elasticsearch'),
    registry: version('apicurio'),
  })
})
