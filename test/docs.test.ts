import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { findCommand, loadCommands } from '../packages/cli/src/command-table.ts'

const root = join(import.meta.dirname, '..')
const pages = globSync('**/*.md', {
  cwd: root,
  exclude: (path) => /(^|\/)(node_modules|\.tocsin|\.git)(\/|$)/.test(path),
}).sort()
const text = (page: string) => readFileSync(join(root, page), 'utf8')
/** Pages that tell a person what to type. */
const guides = pages.filter((page) => !page.startsWith('docs/decisions/') && page !== 'CHANGELOG.md')

/** The parts of a page that are code: fenced, indented or in backticks. */
function codeOf(page: string): string[] {
  const fenced = [...text(page).matchAll(/^```[a-z]*\n(.*?)^```/gms)].map((match) => match[1] ?? '')
  const rest = text(page).replace(/^```[a-z]*\n.*?^```/gms, '')
  const indented = rest.split('\n').filter((line) => line.startsWith('    '))
  const inline = [...rest.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '')
  return [...fenced.flatMap((block) => block.split('\n')), ...indented, ...inline]
}

/** The id that a heading gets on the usual forges. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')
}

function anchorsIn(page: string): Set<string> {
  const body = text(page).replace(/^```[a-z]*\n.*?^```/gms, '')
  return new Set([...body.matchAll(/^#{1,6} +(.+)$/gm)].map((match) => anchorOf(match[1] ?? '')))
}

test('every relative link of every page leads somewhere, to its heading too', () => {
  assert.ok(pages.length > 20, `only ${pages.length} pages were found`)
  const dead: string[] = []
  for (const page of pages) {
    const prose = text(page)
      .replace(/^```[a-z]*\n.*?^```/gms, '')
      .replaceAll(/`[^`\n]+`/g, '')
    for (const [, target = ''] of prose.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)) {
      if (/^[a-z]+:/i.test(target)) continue
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : relative(root, join(root, dirname(page), decodeURIComponent(path)))
      if (!existsSync(join(root, file))) dead.push(`${page}: ${target} is not there`)
      else if (anchor !== undefined && file.endsWith('.md') && !anchorsIn(file).has(anchor))
        dead.push(`${page}: ${target} has no such heading`)
    }
  }
  assert.deepEqual(dead, [])
})

test('every make verb that a page names is in the Makefile', () => {
  const verbs = new Set(
    [...readFileSync(join(root, 'Makefile'), 'utf8').matchAll(/^([a-z-]+):/gm)].map(([, name]) => name),
  )
  assert.ok(verbs.has('demo'))
  const unknown: string[] = []
  let seen = 0
  for (const page of guides)
    for (const code of codeOf(page))
      for (const [, verb] of code.matchAll(/(?:^|[\s;&])make(?: --[a-z-]+)* +([a-z][a-z-]*)/g)) {
        seen++
        if (!verbs.has(verb)) unknown.push(`${page}: make ${verb}`)
      }
  assert.ok(seen > 20, `only ${seen} verbs were found`)
  assert.deepEqual(unknown, [])
})

test('every tocsin command that a page names is in the table of commands', () => {
  const help = execFileSync(process.execPath, [join(root, 'packages/cli/bin/tocsin.js'), '--help'], {
    encoding: 'utf8',
  })
  const names = [...help.matchAll(/^ {2}([a-z]+(?: [a-z]+)?) {2,}\S/gm)].map((match) => match[1] ?? '')
  const first = new Set(names.map((name) => name.split(' ')[0] ?? ''))
  const isCommand = (words: readonly string[]) =>
    names.includes(words.slice(0, 2).join(' ')) || names.includes(words[0] ?? '')
  assert.ok(names.includes('up') && names.includes('rules lint'), help)
  const unknown: string[] = []
  let seen = 0
  for (const page of guides)
    for (const code of codeOf(page))
      for (const [, line = ''] of code.matchAll(/(?:^|npx |[;|&] )tocsin +([a-z][^#|;]*)/g)) {
        const words = line.split(/\s+/)
        // A configuration that begins with our name (`tocsin install …`) is no command line of ours.
        if (/^(helm|kubectl)\b/.test(code)) continue
        // `tocsin feed` alone stands for its group.
        if (words.length === 1 && first.has(words[0] ?? '')) continue
        seen++
        if (!isCommand(words)) unknown.push(`${page}: tocsin ${words.slice(0, 2).join(' ')}`)
      }
  assert.ok(seen > 30, `only ${seen} commands were found`)
  assert.deepEqual(unknown, [])
})

test('every option of a tocsin command that a page or an example of --help names is in the usage of that command', async () => {
  const { commands, faults } = await loadCommands()
  assert.deepEqual(faults, [])
  const optionsIn = (words: string) =>
    [...words.matchAll(/(?<![\w-])--([a-z][a-z0-9-]*)/g)].map((match) => match[1] ?? '')
  const lines = [
    ...commands.flatMap(({ name, examples }) => examples.map((line) => ({ place: `tocsin ${name} --help`, line }))),
    ...guides.flatMap((page) => codeOf(page).map((line) => ({ place: page, line }))),
  ]
  const unknown: string[] = []
  let seen = 0
  for (const { place, line } of lines)
    for (const part of line.split(/[;&|]|(?=\btocsin )/)) {
      const found = /^\s*(?:\S+ )*?tocsin +([a-z].*)/.exec(part)?.[1]?.split('#')[0]
      const command = found === undefined ? null : findCommand(commands, found.trim().split(/\s+/))?.command
      if (found === undefined || command === null || command === undefined) continue
      const known = new Set(['help', ...optionsIn(command.usage)])
      for (const option of optionsIn(found)) {
        seen++
        if (!known.has(option)) unknown.push(`${place}: tocsin ${command.name} --${option}`)
      }
    }
  assert.ok(seen > 100, `only ${seen} options were found`)
  assert.deepEqual(unknown, [])
  assert.deepEqual(
    commands.filter(({ examples }) => examples.length === 0).map(({ name }) => name),
    [],
  )
})

test('the README of every service has the fixed headings, in their order', () => {
  const headings = ['What it does', 'Reads and writes', 'Settings', 'What can go wrong', 'Try it alone']
  const services = globSync('services/*/package.json', { cwd: root }).map((file) => dirname(file))
  assert.equal(services.length, 10)
  const faults = services.flatMap((service) => {
    const page = `${service}/README.md`
    if (!existsSync(join(root, page))) return [`${page} is not there`]
    const found = [...text(page).matchAll(/^## (.+)$/gm)].map((match) => match[1] ?? '')
    const fixed = found.filter((heading) => headings.includes(heading))
    return fixed.join() === headings.join() ? [] : [`${page} has ${fixed.join(', ') || 'none of them'}`]
  })
  assert.deepEqual(faults, [])
})

test('every decision has its context, decision, what was refused and consequences, and stands in the list', () => {
  const records = globSync('docs/decisions/[0-9]*.md', { cwd: root }).sort()
  assert.ok(records.length >= 17)
  const list = text('docs/decisions/README.md')
  for (const [index, page] of records.entries()) {
    const number = Number(/(\d{4})-/.exec(page)?.[1])
    assert.equal(number, index + 1, `${page}: numbers go up by one`)
    for (const part of ['Context', 'Decision', 'Refused', 'Consequences'])
      assert.match(text(page), new RegExp(`^\\*\\*${part}\\.\\*\\*`, 'm'), `${page} has no "${part}."`)
    assert.ok(list.includes(`(${page.split('/').at(-1)})`), `${page} is not in the list`)
  }
})
