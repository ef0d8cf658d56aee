import { readFileSync } from 'node:fs'
import { runService } from '@tocsin/runtime'
import { openKafka } from '@tocsin/stage/kafka'
import { FtpsTransport } from './adapters/ftps.ts'
import { readContracts, readPackRules, readSchema } from './adapters/pack-folder.ts'
import { settings } from './config.ts'
import { createExporter } from './exporter.ts'
import { buildLists, type Lists } from './feeds/tw-nccst-1.3/lists.ts'
import { openValidator } from './feeds/tw-nccst-1.3/validate.ts'
import { SERVICE } from './health-event.ts'

await runService(SERVICE, settings, async (context) => {
  const { config, clock, signal } = context
  const kafka = await openKafka(context)
  const [constituents, sources, ruleSets] = await Promise.all([
    kafka.table('registry-constituents'),
    kafka.table('registry-sources'),
    kafka.table('rule-sets'),
  ])
  let lists: Lists | null = null
  const forget = () => {
    lists = null
  }
  constituents.onChange(forget)
  ruleSets.onChange(forget)
  const transport = new FtpsTransport(
    {
      host: config.ftpsHost,
      port: config.ftpsPort,
      user: config.ftpsUser,
      password: config.ftpsPassword,
      ...(config.ftpsCaFile === undefined ? {} : { ca: readFileSync(config.ftpsCaFile, 'utf8') }),
      ...(config.ftpsFingerprint === undefined ? {} : { fingerprint: config.ftpsFingerprint }),
      implicit: config.ftpsImplicit,
      directory: config.ftpsDirectory,
      maxTlsVersion: config.ftpsMaxTlsVersion,
    },
    clock,
  )
  signal.addEventListener('abort', () => transport.close())
  const { organization, prefix, timeDigits, profileState, regulationsDir } = config
  await kafka.runStage(
    createExporter({
      profile: { organization, prefix, timeDigits, ...readPackRules(regulationsDir) },
      profileState: () => profileState,
      validator: openValidator(readSchema(regulationsDir)),
      constituents,
      sources,
      lists: () => {
        lists ??= buildLists(organization, constituents.values(), ruleSets.values())
        return lists
      },
      contracts: readContracts(),
      transport,
    }),
  )
})
