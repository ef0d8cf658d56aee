import { parseArgs } from 'node:util'
import { type Command, TocsinError } from '@tocsin/runtime'
import { ecsMapping, type Level, levels } from '@tocsin/sigma'
import { isForeignFolder, readArchiveFile, replaceFolder } from '../adapters/imported-files.ts'
import { formatRefusal } from '../load-rules.ts'
import { readArchive } from './archive.ts'
import { planImport } from './import-rules.ts'

const usage =
  'tocsin rules import ARCHIVE --to FOLDER [--min-level medium] [--status stable,test] [--with-unmapped] [--license DRL-1.1]'
const provenanceFile = 'PROVENANCE.json'

/** `tocsin rules import`: SigmaHQ's release archive as a folder of rules. */
export const rulesImport: Command = {
  name: 'rules import',
  summary:
    'Take rules out of an archive (SigmaHQ’s releases), octets untouched, with author, licence and hash of each.',
  usage,
  examples: ['tocsin rules import sigma_all_rules.zip --to rules-sigmahq', 'tocsin rules publish --dir rules-sigmahq'],
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        to: { type: 'string' },
        'min-level': { type: 'string', default: 'medium' },
        status: { type: 'string', default: 'stable,test' },
        'with-unmapped': { type: 'boolean', default: false },
        license: { type: 'string', default: 'DRL-1.1' },
      },
    })
    const [archive] = positionals
    const minLevel = values['min-level'] as Level
    if (archive === undefined || values.to === undefined || !levels.includes(minLevel))
      throw new TocsinError('bad_arguments', `Usage: ${usage}`)
    if (await isForeignFolder(values.to, provenanceFile))
      throw new TocsinError(
        'folder_in_use',
        `${values.to} is there and was not made by an import; name another folder.`,
      )
    const plan = planImport(readArchive(await readArchiveFile(archive)), ecsMapping, {
      minLevel,
      statuses: values.status.split(','),
      withUnmapped: values['with-unmapped'],
      license: values.license,
    })
    for (const refusal of plan.refused) io.stderr.write(`${formatRefusal(refusal)}\n`)
    if (plan.files.length === 0) throw new TocsinError('no_rules', `No rule could be taken from ${archive}.`)
    const provenance = { archive: archive.replace(/^.*\//, ''), rules: plan.provenance }
    const list = { path: provenanceFile, octets: Buffer.from(`${JSON.stringify(provenance, null, 1)}\n`) }
    await replaceFolder(values.to, [...plan.files, ...plan.licenses, list])
    const { unmapped, weak, status } = plan.leftOut
    io.stdout.write(
      `${plan.files.length} rules in ${values.to}; left out: ${unmapped} on fields that no event of ours has, ${weak} below ${minLevel}, ${status} of another status, ${plan.refused.length} refused\n`,
    )
    return 0
  },
}
