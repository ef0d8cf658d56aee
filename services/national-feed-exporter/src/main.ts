import { readFileSync } from 'node:fs'
import { type Clock, messageOf, runService } from '@tocsin/runtime'
import { openKafka } from '@tocsin/stage/kafka'
import { followAccount } from './adapters/account-file.ts'
import { runBeside } from './adapters/beside-the-stage.ts'
import { listKeeper } from './adapters/caretaker.ts'
import { FtpsTransport } from './adapters/ftps.ts'
import { editionBook, readContracts, readPackRules } from './adapters/pack-folder.ts'
import { endpointOf, ftpsSettingsOf, readingsOf, type Settings, settings } from './config.ts'
import { createExporter } from './exporter.ts'
import { buildLists, type Lists } from './feeds/tw-nccst-1.3/lists.ts'
import { SERVICE } from './health-event.ts'
import { NO_ENDPOINT, type Transport } from './transport.ts'

await runService(SERVICE, settings, async (context) => {
  const { config, clock, log, signal } = context
  const transport = openTransport(config, clock, signal)
  if (transport === NO_ENDPOINT) log.warn('No FTPS endpoint is set: tickets are cut and wait.')
  const { organization, prefix, timeDigits, regulationsDir } = config
  const profile = { organization, prefix, timeDigits, readings: readingsOf(config), ...readPackRules(regulationsDir) }
  const editions = editionBook(regulationsDir, profile)
  // Read at the start, so that a wrong file stops the process while somebody looks.
  const { validator, edition } = editions(clock.now())
  log.info({ profile: edition.profile, version: edition.version }, 'export profile')
  const contracts = readContracts(config.contractsFile)

  const kafka = await openKafka(context)
  const account =
    config.accountFile === undefined
      ? null
      : followAccount(config.accountFile, 1_000, (error) =>
          log.error({ code: 'bad_account_record', err: error }, messageOf(error)),
        )
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

  const { address } = transport
  const beside = runBeside({ config, clock, log, signal, kafka, validator, account, constituents, address })
  const stage = kafka.runStage(
    createExporter({
      profile,
      profileState: () => (transport === NO_ENDPOINT ? 'suspended' : (account?.().state ?? config.profileState)),
      isConfirmed: () => account === null || account().confirmed !== null,
      keepLists: listKeeper(config.dataDir),
      validator,
      editionAt: editions,
      constituents,
      sources,
      lists: () => {
        lists ??= buildLists(organization, constituents.values(), ruleSets.values(), config.listBom)
        return lists
      },
      contracts,
      deployment: config.deployment,
      transport,
    }),
  )
  await Promise.all([stage, beside])
})

function openTransport(config: Settings, clock: Clock, signal: AbortSignal): Transport {
  const endpoint = endpointOf(config)
  if (endpoint === null) return NO_ENDPOINT
  const transport = new FtpsTransport(
    ftpsSettingsOf(config, endpoint, (path) => readFileSync(path, 'utf8')),
    clock,
  )
  signal.addEventListener('abort', () => transport.close())
  return transport
}
