import { readFileSync } from 'node:fs'
import type { RegistryConstituent } from '@tocsin/events'
import type { Clock, Log } from '@tocsin/runtime'
import type { GlobalTable, Kafka } from '@tocsin/stage/kafka'
import type { Account } from '../account/account.ts'
import { endpointOf, ftpsSettingsOf, receivingOf, type Settings, taxiiOf } from '../config.ts'
import type { SchemaValidator } from '../feeds/tw-nccst-1.3/validate.ts'
import { careUntil } from './caretaker.ts'
import { readServer } from './ftps-reader.ts'
import { readPeersUntil } from './peers.ts'
import { receiveUntil } from './receiving.ts'
import { openTaxii } from './taxii-door.ts'

/** What runs beside the stage needs. */
export interface BesideParts {
  config: Settings
  clock: Clock
  log: Log
  signal: AbortSignal
  kafka: Kafka
  validator: SchemaValidator
  account: (() => Account) | null
  constituents: GlobalTable<'registry-constituents'>
  /** Address of the endpoint, as it stands in the ledger. */
  address: string
}

/**
 * Runs what is done once in a deployment, in the process of slot 0, until the stop: files of senders, other deployments, the TAXII
 * endpoint, account and calendar. Two processes would take the same files from each other.
 */
export async function runBeside(parts: BesideParts): Promise<void> {
  const { config, clock, log, signal, kafka, validator, account, address } = parts
  if (config.slot > 0) return
  const publisher = await kafka.publisher()
  const taxii = taxiiOf(config)
  if (taxii !== null) await openTaxii(taxii, { kafka, log, signal })
  const { peersFile: file, peersEveryMs: everyMs, deployment, dataDir } = config
  const receiving = receivingOf(config)
  const endpoint = endpointOf(config)
  const bodyOf = (oid: string): string | undefined => bodyByOid(parts.constituents, oid)
  await Promise.all([
    receiving === null ? null : receiveUntil(signal, receiving, { clock, log, validator, publisher, bodyOf }),
    file === undefined
      ? null
      : readPeersUntil(signal, { file, everyMs, deployment, dataDir }, { clock, log, publisher }),
    careUntil(signal, {
      dataDir,
      clock,
      log,
      kafka,
      publisher,
      account,
      readServer:
        endpoint === null
          ? null
          : () => readServer(ftpsSettingsOf(config, endpoint, (path) => readFileSync(path, 'utf8'))),
      address,
      everyMs: config.careEveryMs,
    }),
  ])
}

function bodyByOid(
  constituents: Pick<GlobalTable<'registry-constituents'>, 'values'>,
  oid: string,
): string | undefined {
  if (oid === '') return undefined
  for (const one of constituents.values() as Iterable<RegistryConstituent>)
    if (one.oid === oid) return one.constituentId
  return undefined
}
