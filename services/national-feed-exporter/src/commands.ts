import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Detection } from '@tocsin/events'
import { type Command, messageOf } from '@tocsin/runtime'
import { account } from './account-command.ts'
import { foundFiles, readLines, readRegistry, readText, writeUnder } from './adapters/feed-files.ts'
import { REGULATIONS_DIR, readPackRules, readSchema } from './adapters/pack-folder.ts'
import { audit } from './audit-command.ts'
import { describe } from './describe-command.ts'
import { evidence } from './evidence-command.ts'
import { checkFields, checkReferences, type Verdict } from './feeds/tw-nccst-1.3/check.ts'
import { buildLists, ListIndex, readRuleTable, readServiceList } from './feeds/tw-nccst-1.3/lists.ts'
import { PROFILE } from './feeds/tw-nccst-1.3/profile.ts'
import { DEFAULT_READINGS } from './feeds/tw-nccst-1.3/readings.ts'
import { cutTicket } from './feeds/tw-nccst-1.3/ticket.ts'
import { eventIdOf } from './feeds/tw-nccst-1.3/ticket-number.ts'
import { openValidator, readXml, type SchemaValidator } from './feeds/tw-nccst-1.3/validate.ts'
import { form } from './form-command.ts'
import { makePackage, verifyPackage } from './package-command.ts'
import { received } from './received-command.ts'

const build: Command = {
  name: 'feed build',
  summary: 'Make national files from detections, without sending them.',
  usage:
    'tocsin feed build --registry FILE --out DIR [--in FILE|-] [--organization CODE] [--prefix PREFIX] [--at TIME] [--profile tw-nccst-1.3]',
  examples: ['tocsin feed build --registry registry.json --in detections.ndjson --out files'],
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        registry: { type: 'string' },
        out: { type: 'string' },
        in: { type: 'string', default: '-' },
        organization: { type: 'string', default: 'EXAMPLE-SOC' },
        prefix: { type: 'string', default: 'EXSOC' },
        at: { type: 'string' },
        profile: { type: 'string', default: PROFILE },
      },
    })
    const issuedAt = values.at === undefined ? Date.now() : Date.parse(values.at)
    if (
      values.registry === undefined ||
      values.out === undefined ||
      values.profile !== PROFILE ||
      Number.isNaN(issuedAt)
    ) {
      io.stderr.write(`Usage: ${this.usage}\n`)
      return 2
    }
    const { constituents = [], sources = [], ruleSets = [] } = readRegistry(values.registry)
    const profile = {
      organization: values.organization,
      prefix: values.prefix,
      timeDigits: 1,
      readings: DEFAULT_READINGS,
      ...readPackRules(REGULATIONS_DIR),
    }
    const lists = buildLists(profile.organization, constituents, ruleSets)
    const out = values.out
    for (const list of [lists.services, lists.rules]) writeUnder(out, list.name, list.content)
    const validator = openValidator(readSchema(REGULATIONS_DIR))
    let stopped = lists.problems.length
    for (const problem of lists.problems) io.stderr.write(`${problem}\n`)
    let counter = 0
    for (const detection of await readLines<Detection>(values.in, io.stdin)) {
      const constituent = constituents.find(({ constituentId }) => constituentId === detection.constituent)
      if (constituent?.country !== 'TW' || !profile.isTicket(detection)) continue
      const { eventId, number } = eventIdOf(profile.prefix, issuedAt, counter++, 0)
      const source = sources.find(({ sourceId }) => detection.sourceIds.includes(sourceId)) ?? null
      const { ticket, attachment } = cutTicket(
        { eventId, number, baseEventId: null, caseId: detection.detectionId, detection, constituent, source },
        issuedAt,
        { profile, validator, lists: lists.index },
      )
      if (ticket.state === 'queued') writeUnder(out, `incident/${ticket.fileName}`, ticket.xml)
      else stopped++
      if (attachment !== null && ticket.state === 'queued')
        writeUnder(out, `attachment/${attachment.name}`, attachment.content)
      io.stdout.write(
        `${JSON.stringify({ ticketId: ticket.ticketId, detectionId: ticket.detectionId, state: ticket.state, reason: ticket.reason })}\n`,
      )
    }
    validator.dispose()
    return stopped > 0 ? 1 : 0
  },
}

const check: Command = {
  name: 'feed check',
  summary: 'Say of each field of national files whether it is right.',
  usage: 'tocsin feed check [--lists DIR] [--all] FILE…',
  examples: ['tocsin feed check files/incident/*.xml', 'tocsin feed check --lists files --all files/incident/*.xml'],
  run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { lists: { type: 'string' }, all: { type: 'boolean', default: false } },
    })
    if (positionals.length === 0) {
      io.stderr.write(`Usage: ${this.usage}\n`)
      return Promise.resolve(2)
    }
    const validator = openValidator(readSchema(REGULATIONS_DIR))
    const lists = values.lists === undefined ? null : listsIn(values.lists)
    let wrong = 0
    for (const path of positionals) {
      const verdicts = verdictsOf(path, validator, lists)
      wrong += verdicts.filter(({ problem }) => problem !== null).length
      for (const { no, name, problem } of verdicts) {
        if (values.all || problem !== null) io.stdout.write(`${basename(path)}\t${no}\t${name}\t${problem ?? 'ok'}\n`)
      }
    }
    validator.dispose()
    io.stderr.write(`${positionals.length} files, ${wrong} wrong fields.\n`)
    return Promise.resolve(wrong > 0 ? 1 : 0)
  },
}

type FileVerdict = Omit<Verdict, 'name'> & { name: string }

/** A verdict for each field, and one with number 0 for the file as a whole. */
function verdictsOf(path: string, validator: SchemaValidator, lists: ListIndex | null): FileVerdict[] {
  const xml = readText(path)
  const valid = validator.validate(xml)
  const whole: FileVerdict = { no: 0, name: 'XSD', problem: valid.ok ? null : valid.problem }
  try {
    const fields = readXml(xml)
    const verdicts: FileVerdict[] = [whole, ...checkFields(fields)]
    const unmatched = lists === null ? null : checkReferences(fields, lists)
    const named = basename(path) === `${fields.Event_ID}.xml`
    return verdicts.map((verdict) => {
      if (verdict.name === unmatched?.field) return { ...verdict, problem: unmatched.problem }
      if (verdict.name === 'Event_ID' && !named) return { ...verdict, problem: `is not the name of the file` }
      return verdict
    })
  } catch (error) {
    return [{ ...whole, problem: whole.problem ?? messageOf(error) }]
  }
}

function listsIn(dir: string): ListIndex {
  const named = (ending: string) => readText(join(dir, foundFiles(dir, ending)[0]?.name ?? `(uploader)${ending}`))
  return new ListIndex(readServiceList(named('_Service_Lists.csv')), readRuleTable(named('_Rules_ID.csv')))
}

export const commands: readonly Command[] = [
  build,
  check,
  audit,
  describe,
  received,
  account,
  form,
  evidence,
  makePackage,
  verifyPackage,
]
