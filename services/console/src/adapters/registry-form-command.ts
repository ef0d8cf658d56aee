import { parseArgs } from 'node:util'
import type { Command } from '@tocsin/runtime'
import { writeCsv, writeXlsx } from '@tocsin/sheets'
import { atCluster } from '../registry/cluster.ts'
import { APPENDIX_LANGUAGES, appendixOf, appendixTable } from '../registry/kz-appendix.ts'
import { put, registryAt, wrong } from './registry-commands.ts'

/** `tocsin registry form`: the form that a body fills in each quarter, as the registry has it (KZ-A). */
export const registryForm: Command = {
  name: 'registry form',
  summary: "write a Kazakh body's appendix, both circuits with eight columns; `registry import` reads the filled form",
  usage: 'registry form --constituent ID [--lang kk|ru|en] [--format xlsx|csv] [--as-of DATE] [--out FOLDER]',
  examples: [
    'tocsin registry form --constituent kz-ministry --lang ru --out quarter-4',
    'tocsin registry form --constituent kz-ministry --format csv > appendix.csv',
  ],
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        constituent: { type: 'string' },
        lang: { type: 'string', default: 'kk' },
        format: { type: 'string', default: 'xlsx' },
        'as-of': { type: 'string', default: 'now' },
        out: { type: 'string' },
      },
    })
    const { constituent, format, out } = values
    const language = APPENDIX_LANGUAGES.find((one) => one === values.lang)
    if (language === undefined) throw wrong(`--lang is ${APPENDIX_LANGUAGES.join(', ')}, not "${values.lang}".`)
    if (format !== 'xlsx' && format !== 'csv') throw wrong(`--format is xlsx or csv, not "${format}".`)
    if (constituent === undefined) throw wrong('Name the body with --constituent.')
    const registry = await atCluster(io, (cluster) => registryAt(cluster, values['as-of']))
    if (registry.constituents.get(constituent)?.entry['country'] !== 'KZ')
      throw wrong(`${constituent} is no body of Kazakhstan: the appendix is asked of those only.`)
    const sections = appendixOf(registry, constituent, language)
    if (format === 'xlsx') put(io, out, `${constituent}.xlsx`, writeXlsx(sections))
    else put(io, out, `assets.${constituent}.csv`, writeCsv(appendixTable(sections, language)))
    return 0
  },
}
