import { inLanguage } from '@tocsin/events/languages'
import type { ReactNode } from 'react'
import type { CaseDetail } from '../../src/case-view.ts'
import type { PackView } from '../../src/pack-view.ts'
import { useTexts } from '../context.ts'
import type { TextKey } from '../texts.ts'
import { Section } from './section.tsx'
import { Time } from './time.tsx'

interface FactsProps {
  detail: CaseDetail
  pack: PackView | undefined
}

export function Facts({ detail, pack }: FactsProps) {
  const { t, word, language } = useTexts()
  const instant = (at: number | null): ReactNode =>
    at === null ? null : <Time at={at} body={detail.constituent} withZone />
  const rows: [TextKey, ReactNode][] = [
    ['fact.class', `${detail.rsitClass} / ${detail.rsitType}`],
    ['fact.nationalClass', detail.nationalClass],
    ['fact.firstSeen', instant(detail.occurredFirst)],
    ['fact.lastSeen', instant(detail.occurredLast)],
    ['fact.detectedAt', instant(detail.detectedAt)],
    ['fact.promotedAt', instant(detail.promotedAt)],
    ['fact.acknowledgedAt', instant(detail.acknowledgedAt)],
    ['fact.records', detail.eventCount],
    ['fact.effects', detail.effects.map((effect) => word('effect', effect)).join(', ')],
    ['fact.rule', detail.ruleName],
    ['fact.device', detail.deviceName],
    ['fact.techniques', detail.techniques.join(', ')],
    ['fact.assignee', detail.assignee],
    ['fact.reportedBy', detail.reportedBy],
    ['fact.confidence', detail.confidence],
    [
      'fact.measures',
      detail.measuresPossible === null
        ? null
        : `${word('choice', detail.measuresPossible ? 'yes' : 'no')}: ${detail.measuresReason ?? ''}`,
    ],
    ['fact.visits', detail.visits.map(({ employee, result }) => `${employee}: ${result ?? '…'}`).join('; ')],
    ['fact.sharedWith', detail.shares.map(({ group, tlp }) => `${group} (TLP:${tlp})`).join(', ')],
    ['fact.pack', pack === undefined ? detail.pack : inLanguage(pack.title as Record<string, string>, language)],
  ]
  return (
    <Section title={t('case.facts')}>
      <dl className="facts">
        {rows.map(([key, value]) =>
          value === null || value === '' ? null : (
            <div key={key}>
              <dt>{t(key)}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
    </Section>
  )
}
