import { TocsinError } from '@tocsin/runtime'
import { RE2JS } from 're2js'
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { normalizeFrame } from '../normalize.ts'
import type { Parser } from '../parser.ts'
import { compileParser } from './compile.ts'
import { type Definition, definitionSchema } from './definition.ts'

/** Cases are read as received at this instant, so that they give the same for ever. */
const caseReceivedAt = Date.UTC(2026, 0, 15)
const maxFileChars = 262_144

/**
 * Takes the text of an operator's parser file; gives the parser. Everything is checked: the shape, the names of fields, each pattern, and that each case gives what
 * it expects, by this parser and none of `others`. Throws `TocsinError` `parser_refused` with the file, the line and the reason.
 */
export function checkParser(file: string, text: string, others: readonly Parser[]): Parser {
  const { definition, lineOf } = readDefinition(file, text)
  if (others.some(({ name }) => name === definition.name))
    throw refusal(
      file,
      lineOf(['name']),
      `the name ${definition.name} is taken by a parser that ships with the normalizer`,
    )
  for (const [index, message] of definition.messages.entries()) {
    const reason = faultOf(message)
    if (reason !== undefined) throw refusal(file, lineOf(['messages', index]), reason)
  }
  const parser = compileParser(definition)
  for (const [index, one] of definition.cases.entries()) {
    const reason = failureOf(one, parser, others)
    if (reason !== undefined) throw refusal(file, lineOf(['cases', index]), `case ${index + 1}: ${reason}`)
  }
  return parser
}

function readDefinition(
  file: string,
  text: string,
): { definition: Definition; lineOf: (path: PropertyKey[]) => number } {
  if (text.length > maxFileChars) throw refusal(file, 1, `the file has more than ${maxFileChars} characters`)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const fault = document.errors[0]
  if (fault !== undefined) throw refusal(file, lines.linePos(fault.pos[0]).line, fault.message.split('\n', 1)[0] ?? '')
  const lineOf = (path: PropertyKey[]): number => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined
      if (node?.range !== undefined) return lines.linePos(node.range[0]).line
    }
    return 1
  }
  const result = definitionSchema.safeParse(document.toJS({ maxAliasCount: 0 }))
  if (result.success) return { definition: result.data, lineOf }
  const issue = result.error.issues[0]
  throw refusal(
    file,
    lineOf([...(issue?.path ?? [])]),
    `${z.core.toDotPath(issue?.path ?? [])}: ${issue?.message ?? ''}`,
  )
}

function faultOf(message: Definition['messages'][number]): string | undefined {
  let pattern: RE2JS
  try {
    pattern = RE2JS.compile(message.pattern)
  } catch (cause) {
    return `the pattern is not one that runs in linear time: ${(cause as Error).message}`
  }
  const groups = pattern.groupCount()
  return groups === message.fields.length
    ? undefined
    : `the pattern has ${groups} groups and fields names ${message.fields.length}`
}

function failureOf(one: Definition['cases'][number], parser: Parser, others: readonly Parser[]): string | undefined {
  const result = normalizeFrame({ octets: Buffer.from(one.line), receivedAt: caseReceivedAt, source: {} }, [
    parser,
    ...others,
  ])
  if (result.kind !== 'event') return 'the line holds nothing'
  if (result.parser !== parser.name) return `the line is read by ${result.parser ?? 'no parser'}`
  for (const [name, want] of Object.entries(one.expect)) {
    const got = result.fields[name]
    if (JSON.stringify(got) !== JSON.stringify(want))
      return `${name} is ${JSON.stringify(got) ?? 'absent'}, not ${JSON.stringify(want)}`
  }
  return undefined
}

function refusal(file: string, line: number, reason: string): TocsinError {
  return new TocsinError(
    'parser_refused',
    `${file}:${line}: ${reason}. The parser is not used; the last good one stays.`,
  )
}
