import type { SharedCase } from '@tocsin/exchange'

/** One block of what may be shared (VN-8.2). A block without anything says so. */
export interface Block<Item> {
  title: string
  empty: boolean
  items: Item[]
}

/** The four blocks of Art. 8(2), each there whatever it holds. */
export interface Blocks {
  information: Block<unknown>
  methodsAndOrigins: Block<unknown>
  effects: Block<unknown>
  handling: Block<unknown>
}

const block = <Item>(title: string, items: Item[]): Block<Item> => ({ title, empty: items.length === 0, items })

/** Takes the cases of a package; gives the four blocks, each item under the id of its case. */
export function blocksOf(cases: readonly SharedCase[]): Blocks {
  const sources = ({ participants }: SharedCase) => participants.filter(({ role }) => role !== 'target')
  return {
    information: block(
      'Information on intrusions, risks and incidents',
      cases.map(
        ({ caseId, kind, vnKind, titles, description, severity, verification, detectedAt, rsitClass, rsitType }) => ({
          caseId,
          kind: vnKind ?? kind,
          titles,
          description,
          severity,
          verification,
          detectedAt: new Date(detectedAt).toISOString(),
          class: `${rsitClass}/${rsitType}`,
        }),
      ),
    ),
    methodsAndOrigins: block(
      'Methods, tricks and origins of intrusions',
      cases
        .filter((one) => one.techniques.length > 0 || sources(one).length > 0)
        .map((one) => ({
          caseId: one.caseId,
          techniques: one.techniques,
          rule: one.ruleName,
          origins: sources(one).map(({ role, ip, domain, country, asn }) => ({ role, ip, domain, country, asn })),
        })),
    ),
    effects: block(
      'Effects of incidents',
      cases
        .filter(({ effects }) => effects.length > 0)
        .map(({ caseId, effects, serial }) => ({ caseId, effects, serial })),
    ),
    handling: block(
      'Management and technical methods of dealing with them',
      cases
        .filter(({ recommendations, conclusion }) => Object.keys(recommendations).length > 0 || conclusion !== null)
        .map(({ caseId, recommendations, conclusion }) => ({ caseId, recommendations, conclusion })),
    ),
  }
}
