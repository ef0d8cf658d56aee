import type { ExchangeFormat } from '../format.ts'
import { casesOfBundle } from './read.ts'
import { bundleOf } from './write.ts'

/** STIX 2.1: incident objects whose property extension carries the whole case, so that nothing is lost. */
export const stix: ExchangeFormat = {
  name: 'stix',
  mediaType: 'application/stix+json;version=2.1',
  ending: '.stix.json',
  notHeld: {},
  write: (cases, { deployment, revoked }) => `${JSON.stringify(bundleOf(cases, deployment, revoked), null, 1)}\n`,
  read: casesOfBundle,
}
