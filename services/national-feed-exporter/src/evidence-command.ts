import { createHash } from 'node:crypto'
import { basename, dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { sealPackage } from '@tocsin/exchange'
import { type Command, keyIdOf, readSigningKey } from '@tocsin/runtime'
import { writeOctets } from './adapters/feed-files.ts'
import { keptLists } from './adapters/kept-lists.ts'
import { dependencyVersion, REGULATIONS_DIR, readSchema, serviceVersion } from './adapters/pack-folder.ts'
import { filesOf, ledgerOf, placesOf } from './adapters/receiver-files.ts'
import { evidencePack } from './feeds/tw-nccst-1.3/evidence.ts'
import { DEFAULT_READINGS } from './feeds/tw-nccst-1.3/readings.ts'
import { openValidator } from './feeds/tw-nccst-1.3/validate.ts'

const OPTIONS = {
  dir: { type: 'string' },
  received: { type: 'string', multiple: true },
  server: { type: 'boolean', default: false },
  ledger: { type: 'string' },
  deliveries: { type: 'string' },
  lists: { type: 'string' },
  key: { type: 'string' },
  out: { type: 'string' },
} as const

/** `tocsin feed evidence`: what proves items 1-1 to 2-4 of the connectivity test, as one signed file (TW-A5.x). */
export const evidence: Command = {
  name: 'feed evidence',
  summary: 'Make the evidence for items 1-1 to 2-4 of the connectivity test (Appendix 5) as one signed file.',
  usage:
    'tocsin feed evidence --lists DIR [--server | --dir DIR | --received FILE…] [--ledger FILE|-] [--deliveries FILE] --key FILE --out FILE',
  examples: ['tocsin feed evidence --lists data/lists --server --key package-key.pem --out evidence.tar'],
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: OPTIONS })
    const { lists, key, out } = values
    if (lists === undefined || key === undefined || out === undefined || placesOf(values) > 1) {
      io.stderr.write(`Usage: ${this.usage}\n`)
      return 2
    }
    const privateKey = readSigningKey(key)
    const ledger = await ledgerOf(values.ledger, values.deliveries, io)
    const xsd = readSchema(REGULATIONS_DIR)
    const validator = openValidator(xsd)
    try {
      const { items, files } = evidencePack({
        tickets: [...new Map(ledger.tickets.map((ticket) => [ticket.ticketId, ticket])).values()],
        lists: ledger.lists,
        keptLists: keptLists(lists),
        found: placesOf(values) === 0 ? null : await filesOf(values, io),
        validator,
        readings: DEFAULT_READINGS,
        versions: {
          'national-feed-exporter': serviceVersion(),
          'libxml2-wasm': dependencyVersion('libxml2-wasm'),
          'incident.xsd (SHA-256)': createHash('sha256').update(xsd).digest('hex'),
        },
      })
      const octets = sealPackage(
        files.map(({ name, content }) => ({ name, content: Buffer.from(content) })),
        privateKey,
      )
      writeOctets(dirname(out), basename(out), octets)
      for (const { item, holds, sentence } of items) io.stdout.write(`${item}\t${holds ? 'ok' : 'OPEN'}\t${sentence}\n`)
      io.stdout.write(`${JSON.stringify({ file: out, bytes: octets.length, keyId: keyIdOf(privateKey) })}\n`)
      return items.every(({ holds }) => holds) ? 0 : 1
    } finally {
      validator.dispose()
    }
  },
}
