import { createHash, createPublicKey } from 'node:crypto'
import { basename, dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { type Delivery, idFrom } from '@tocsin/events'
import { openPackage, sealPackage } from '@tocsin/exchange'
import { type Command, keyIdOf, messageOf, readSigningKey, TocsinError } from '@tocsin/runtime'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { readOctets, readText, writeOctets } from './adapters/feed-files.ts'
import { readMaterial } from './adapters/package-material.ts'
import { filesOfPackage } from './package/build.ts'
import { type PackageRequest, packageRequest } from './package/request.ts'

const OPTIONS = {
  request: { type: 'string' },
  authority: { type: 'string' },
  ground: { type: 'string' },
  constituent: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  inputs: { type: 'string', default: 'cases,detections' },
  channel: { type: 'string', default: 'file' },
  deployment: { type: 'string', default: 'tocsin' },
  key: { type: 'string' },
  out: { type: 'string' },
  unverified: { type: 'boolean', default: false },
  decided: { type: 'string' },
} as const

/** `tocsin feed package`: what a competent authority asks for, signed (VN-5.2a-2, VN-5.3i-2). */
export const makePackage: Command = {
  name: 'feed package',
  summary: "Make a signed package of one body's cases, detections or log records for a competent authority.",
  usage:
    'tocsin feed package --request ID --authority NAME --ground TEXT --constituent ID --from TIME --to TIME [--inputs cases,detections,events,registry] [--channel CHANNEL] --key FILE --out FILE [--deployment NAME] [--unverified] [--decided "NAME: REASON"]',
  examples: [
    'tocsin feed package --request 12/CV-2026 --authority "Ministry" --ground "Art. 5(3)(i)" --constituent vn-province --from 2026-11-21 --to 2026-11-22 --key package-key.pem --out package.tar',
  ],
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: OPTIONS })
    const { key, out, deployment } = values
    if (key === undefined || out === undefined) {
      io.stderr.write(`Usage: ${this.usage}\n`)
      return 2
    }
    const request = requestOf(values)
    const privateKey = readSigningKey(key)
    const kafka = await openKafkaForCommand(io.env, 'national-feed-exporter')
    try {
      const startedAt = kafka.clock.now()
      const material = await readMaterial(kafka, request)
      const decisions = { unverified: values.unverified, secrecy: values.decided?.trim() || null }
      const files = filesOfPackage(request, material, decisions, { deployment, at: kafka.clock.now() })
      const octets = sealPackage(files, privateKey)
      writeOctets(dirname(out), basename(out), octets)
      const publisher = await kafka.publisher()
      const entry = ledgerEntry(request, octets, startedAt, kafka.clock.now())
      await publisher.send({ topic: 'deliveries', key: request.constituent, value: entry })
      const { sha256, bytes } = entry
      io.stdout.write(
        `${JSON.stringify({ file: out, sha256, bytes, keyId: keyIdOf(privateKey), files: files.map(({ name }) => name) })}\n`,
      )
      return 0
    } finally {
      await kafka.close()
    }
  },
}

function requestOf(values: Readonly<Record<string, string | boolean | undefined>>): PackageRequest {
  const time = (name: 'from' | 'to'): number => Date.parse(String(values[name]))
  const result = packageRequest.safeParse({
    requestId: values['request'],
    authority: values['authority'],
    ground: values['ground'],
    constituent: values['constituent'],
    from: time('from'),
    to: time('to'),
    inputs: String(values['inputs']).split(','),
    channel: values['channel'],
  })
  if (result.success && result.data.from < result.data.to) return result.data
  const [issue] = result.error?.issues ?? []
  throw new TocsinError(
    'package_refused',
    issue === undefined ? '--from lies before --to.' : `--${String(issue.path[0])}: ${issue.message}.`,
  )
}

/** The package in the delivery ledger: who asked, what left, under which hash (XC-5). */
function ledgerEntry(request: PackageRequest, octets: Buffer, startedAt: number, at: number): Delivery {
  const sha256 = createHash('sha256').update(octets).digest('hex')
  return {
    deliveryId: idFrom('package', request.requestId, sha256),
    noticeId: null,
    subjectId: `package ${request.requestId}`,
    caseId: null,
    constituent: request.constituent,
    recipientRole: 'authority',
    exercise: false,
    channel: request.channel,
    address: request.authority.slice(0, 200),
    attempt: 1,
    state: 'sent',
    at,
    startedAt,
    reply: null,
    proof: `signed package, ${request.ground}`.slice(0, 512),
    sha256,
    bytes: octets.length,
    clockId: null,
    errorCode: null,
    contactId: null,
    digestId: null,
  }
}

/** `tocsin feed verify`: opens a package with nothing but the public key. */
export const verifyPackage: Command = {
  name: 'feed verify',
  summary: 'Check a signed package without any server; with --out its files are written.',
  usage: 'tocsin feed verify FILE --key PUBLIC_KEY… [--out DIR]',
  examples: ['tocsin feed verify package.tar --key package-key.pem.pub'],
  run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { key: { type: 'string', multiple: true }, out: { type: 'string' } },
    })
    const [path] = positionals
    if (path === undefined || values.key === undefined || positionals.length !== 1) {
      io.stderr.write(`Usage: ${this.usage}\n`)
      return Promise.resolve(2)
    }
    const keys = values.key.map((file) => createPublicKey(readText(file)))
    try {
      const files = openPackage(readOctets(path), keys)
      for (const { name, content } of files) {
        if (values.out !== undefined) writeOctets(values.out, name, content)
        io.stdout.write(`${name}\t${content.length}\tok\n`)
      }
      return Promise.resolve(0)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      io.stderr.write(`${path} is refused: ${messageOf(error)}\n`)
      return Promise.resolve(1)
    }
  },
}
