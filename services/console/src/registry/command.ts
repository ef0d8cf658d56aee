import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Command, TocsinError } from '@tocsin/runtime'
import { openKafkaForCommand } from '@tocsin/stage/kafka'
import { readRegistryFile } from './registry-file.ts'

const usage = 'registry import FILE|FOLDER… [--reason TEXT]'

/** `tocsin registry import`: publishes constituents, systems, assets, sources and contacts from files. */
export const registryImport: Command = {
  name: 'registry import',
  summary: 'Read registry files and publish them; faulty entries are named by place and left out.',
  usage,
  examples: ['tocsin registry import registry.yaml --reason "quarterly update"'],
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { reason: { type: 'string', default: 'import' } },
    })
    if (positionals.length === 0) throw new TocsinError('bad_arguments', `No file is named. Usage: tocsin ${usage}`)
    const kafka = await openKafkaForCommand(io.env)
    let faulty = 0
    try {
      const publisher = await kafka.publisher()
      for (const path of positionals.flatMap(filesOf)) {
        const change = { changedBy: io.env['USER'] ?? 'cli', changedAt: kafka.clock.now(), reason: values.reason }
        const { outputs, faults } = readRegistryFile(readFileSync(path, 'utf8'), change)
        await Promise.all(outputs.map((output) => publisher.send(output)))
        for (const fault of faults) io.stderr.write(`${path}: ${fault.place}: ${fault.reason}\n`)
        io.stdout.write(`${path}: ${outputs.length} records published, ${faults.length} faults\n`)
        faulty += faults.length
      }
    } finally {
      await kafka.close()
    }
    return faulty === 0 ? 0 : 1
  },
}

/** A file is itself; a folder is its YAML files, in order of their names. */
function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  const names = readdirSync(path).filter((name) => /\.ya?ml$/.test(name))
  return names.sort().map((name) => join(path, name))
}
