import type { CaseResult } from './case-report.ts'

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
}

/** Text inside an attribute of XML 1.0: signs escaped, characters that XML cannot hold taken out. */
function attribute(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\P{Cc}\n\t]|[\ufffe\uffff]/gu, '')
    .replace(/[&<>"\n]/g, (sign) => escapes[sign] ?? sign)
}

/** Takes the results of cases; gives a report in JUnit's XML: one suite a rule file, one test case a case. */
export function junitOf(results: readonly CaseResult[]): string {
  const suites = new Map<string, CaseResult[]>()
  for (const result of results) {
    const suite = suites.get(result.ruleFile) ?? []
    suites.set(result.ruleFile, suite)
    suite.push(result)
  }
  const body = [...suites].map(([file, cases]) => suiteOf(file, cases)).join('')
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${counts(results)}>\n${body}</testsuites>\n`
}

function suiteOf(file: string, cases: readonly CaseResult[]): string {
  const lines = cases.map((result) => {
    const head = `    <testcase classname="${attribute(result.ruleTitle)}" name="${attribute(result.name)}" file="${attribute(file)}" time="${seconds(result.durationMs)}"`
    return result.failure === null
      ? `${head}/>\n`
      : `${head}>\n      <failure message="${attribute(result.failure)}"/>\n    </testcase>\n`
  })
  return `  <testsuite name="${attribute(file)}" ${counts(cases)}>\n${lines.join('')}  </testsuite>\n`
}

function counts(results: readonly CaseResult[]): string {
  const failures = results.filter(({ failure }) => failure !== null).length
  const time = seconds(results.reduce((sum, { durationMs }) => sum + durationMs, 0))
  return `tests="${results.length}" failures="${failures}" time="${time}"`
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(3)
