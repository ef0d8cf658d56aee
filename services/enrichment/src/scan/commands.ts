import { parseArgs } from 'node:util'
import { type Command, TocsinError } from '@tocsin/runtime'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { readListFile } from '../adapters/feed-source.ts'
import { cefOf, readNmap, type ScanFinding } from './nmap.ts'
import { supportEnded } from './os-support.ts'

/** `tocsin intel scan`: a scanner's report as lines that a registered source sends. */
export const intelScan: Command = {
  name: 'intel scan',
  summary: 'read reports of Nmap (-oX) and print a line in CEF for each open port, vulnerability and operating system',
  usage: 'intel scan FILE… [--json]',
  examples: ['tocsin intel scan nmap.xml | nc -q1 127.0.0.1 601'],
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    })
    if (positionals.length === 0) throw new TocsinError('usage', 'Say which reports: intel scan FILE….')
    for (const file of positionals) {
      const findings = findingsOf(await readListFile(file), file)
      for (const finding of findings) io.stdout.write(`${values.json ? JSON.stringify(finding) : cefOf(finding)}\n`)
      io.stderr.write(`${file}: ${findings.length} findings\n`)
    }
    return 0
  },
}

function findingsOf(text: string, file: string): ScanFinding[] {
  try {
    return readNmap(text)
  } catch (cause) {
    throw new TocsinError('scan_unreadable', `${file} is no report of Nmap in XML: ${(cause as Error).message}.`, cause)
  }
}

/** `tocsin intel outdated`: assets whose operating system gets no updates any more, by body (KZ-12d). */
export const intelOutdated: Command = {
  name: 'intel outdated',
  summary: 'list registered assets whose operating system is out of support, by body',
  usage: 'intel outdated [--constituent ID] [--json]',
  examples: ['tocsin intel outdated --constituent kz-ministry'],
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: { constituent: { type: 'string' }, json: { type: 'boolean', default: false } },
    })
    const kafka = await openKafkaForCommand(io.env)
    try {
      const nowMs = kafka.clock.now()
      const assets = [...(await kafka.table('registry-assets')).values()]
        .filter(({ constituent }) => values.constituent === undefined || constituent === values.constituent)
        .filter(({ validFrom, validTo }) => validFrom <= nowMs && (validTo === null || nowMs < validTo))
        .sort((a, b) => (a.constituent + a.assetId < b.constituent + b.assetId ? -1 : 1))
      let outdated = 0
      for (const { constituent, assetId, ip, hostname, os } of assets) {
        const ended = os === null ? null : supportEnded(os, nowMs)
        if (ended === null) continue
        outdated++
        const row = { constituent, assetId, ip, hostname, os, supportEnded: ended }
        io.stdout.write(
          values.json
            ? `${JSON.stringify(row)}\n`
            : `${constituent}\t${assetId}\t${ip}\t${os}\tno updates since ${ended}\n`,
        )
      }
      io.stderr.write(`${outdated} of ${assets.length} assets\n`)
      return 0
    } finally {
      await kafka.close()
    }
  },
}
