import { RE2JS } from 're2js'
import type { EventDraft } from '../draft.ts'
import { setTyped } from '../mapping/patterns.ts'
import type { Line, Parser } from '../parser.ts'
import type { Definition } from './definition.ts'

/** Characters of a message that an operator's patterns look at. */
const maxSearchedChars = 8_192

type Message = Definition['messages'][number]
interface CompiledMessage extends Message {
  readonly search: RE2JS
}

/** Takes a checked definition; gives a parser like those of `parsers/`. Patterns run through RE2: linear in the line, whatever they say. */
export function compileParser(definition: Definition): Parser {
  const messages = definition.messages.map((message) => ({ ...message, search: RE2JS.compile(message.pattern) }))
  const keys = Object.entries(definition.keys)
  const { contains, application, keys: wanted } = definition.recognises
  return {
    name: definition.name,
    log: {
      ...(definition.log.product === undefined ? {} : { product: definition.log.product }),
      ...(definition.log.service === undefined ? {} : { service: definition.log.service }),
      ...(definition.log.category === undefined ? {} : { category: definition.log.category }),
    },
    recognises: (line) =>
      (application.length === 0 || application.includes(line.header.application ?? '')) &&
      contains.every((text) => line.message.includes(text)) &&
      wanted.every((key) => line.value(key) !== undefined),
    read(line, event) {
      const isFound = readMessage(messages, line, event)
      const found = keys.filter(([key, name]) => setFrom(line.value(key), name, event))
      return isFound || found.length > 0
    },
  }
}

function readMessage(messages: readonly CompiledMessage[], line: Line, event: EventDraft): boolean {
  const text = line.message.slice(0, maxSearchedChars)
  for (const message of messages) {
    const matcher = message.search.matcher(text)
    if (!matcher.find()) continue
    for (const [index, name] of message.fields.entries())
      if (name !== '_') setFrom(matcher.group(index + 1), name, event)
    for (const [name, value] of Object.entries(message.set)) event.set(name, value)
    event.set('event.category', message.category)
    event.set('event.type', message.type)
    event.set('event.outcome', message.outcome)
    event.set('event.kind', message.kind)
    return true
  }
  return false
}

function setFrom(value: string | null | undefined, name: string, event: EventDraft): boolean {
  if (value === undefined || value === null || value === '') return false
  setTyped(name, value, event)
  return true
}
