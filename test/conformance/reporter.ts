import type { TestEvent } from 'node:test/reporters'
import type { TestResult } from './verdict.ts'

/** A node:test reporter: one JSON object a line for every test and suite that ended, children before their parent. */
export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue
    const { name, nesting, file, skip, todo, details } = event.data
    const set = (mark: string | boolean | undefined): boolean => mark !== undefined && mark !== false
    const status = event.type === 'test:fail' && !set(todo) ? 'failed' : set(skip) || set(todo) ? 'skipped' : 'passed'
    const result: TestResult = { file: file ?? '', name, nesting, suite: details.type === 'suite', status }
    yield `${JSON.stringify(result)}\n`
  }
}
