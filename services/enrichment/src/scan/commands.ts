import { parseArgs } from 'node:util'
import { type Command, type CommandIo, TocsinError } from '@tocsin/runtime'
import { readCsv } from '@tocsin/sheets'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { readListFile } from '../adapters/feed-source.ts'
import { cefOf, type ScanFinding } from './finding.ts'
import { readInspection } from './inspection.ts'
import { supportEnded } from './os-support.ts'
import { readScanReport } from './report-formats.ts'

/** `tocsin intel scan`: a scanner's report as lines that a registered source sends. */
export const intelScan: Command = {
  name: 'intel scan',
  summary:
    'read reports of Nmap, OpenVAS and Nessus and print a line in CEF for each open port, vulnerability and operating system',
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
      print(findings, values.json, file, io)
    }
    return 0
  },
}

function findingsOf(text: string, file: string): ScanFinding[] {
  try {
    return readScanReport(text)
  } catch (cause) {
    throw new TocsinError(
      'scan_unreadable',
      `${file} is no report of a scanner in XML: ${(cause as Error).message}.`,
      cause,
    )
  }
}

function print(findings: readonly ScanFinding[], isJson: boolean, file: string, io: CommandIo): void {
  for (const finding of findings) io.stdout.write(`${isJson ? JSON.stringify(finding) : cefOf(finding)}\n`)
  io.stderr.write(`${file}: ${findings.length} findings\n`)
}

/** `tocsin intel inspection`: what people found on site or from afar, as lines that a registered source sends (VN-4.3b). */
export const intelInspection: Command = {
  name: 'intel inspection',
  summary:
    'read forms of inspections (CSV: date, inspector, mode, address, port, finding, score, remark) and print a line in CEF for each finding',
  usage: 'intel inspection FILE… [--json]',
  examples: ['tocsin intel inspection visit.csv | nc -q1 127.0.0.1 601'],
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    })
    if (positionals.length === 0) throw new TocsinError('usage', 'Say which forms: intel inspection FILE….')
    let faulty = 0
    for (const file of positionals) {
      const { findings, faults } = readInspection(readCsv(await readListFile(file)))
      for (const fault of faults) io.stderr.write(`${file}: ${fault}\n`)
      print(findings, values.json, file, io)
      faulty += faults.length
    }
    return faulty === 0 ? 0 : 1
  },
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
