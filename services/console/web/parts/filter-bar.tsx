import { type Filters, NO_FILTERS } from '../case-order.ts'
import { usePage, useTexts } from '../context.ts'
import { bodyName } from '../words.ts'

interface FilterBarProps {
  filters: Filters
  change: (filters: Filters) => void
  shown: number
  all: number
}

export function FilterBar({ filters, change, shown, all }: FilterBarProps) {
  const { t, language } = useTexts()
  const { constituents } = usePage()
  const isNarrowed = filters.text !== '' || filters.body !== '' || filters.kind !== '' || filters.state !== 'open'
  const set = (part: Partial<Filters>): void => change({ ...filters, ...part })
  return (
    <search className="filters">
      <input
        type="search"
        aria-label={t('list.search')}
        placeholder={t('list.search')}
        value={filters.text}
        onChange={(event) => set({ text: event.target.value })}
      />
      <label>
        <span>{t('list.state')}</span>
        <select value={filters.state} onChange={(event) => set({ state: event.target.value as Filters['state'] })}>
          {(['open', 'ended', 'all'] as const).map((state) => (
            <option key={state} value={state}>
              {t(`list.${state}`)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{t('list.body')}</span>
        <select value={filters.body} onChange={(event) => set({ body: event.target.value })}>
          <option value="">{t('list.all')}</option>
          {[...constituents.values()].map((body) => (
            <option key={body.constituentId} value={body.constituentId}>
              {bodyName(body, body.constituentId, language)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{t('list.kind')}</span>
        <select value={filters.kind} onChange={(event) => set({ kind: event.target.value })}>
          <option value="">{t('list.all')}</option>
          {(['incident', 'event', 'threat'] as const).map((kind) => (
            <option key={kind} value={kind}>
              {t(`kind.${kind}`)}
            </option>
          ))}
        </select>
      </label>
      <span className="muted small" role="status">
        {t('list.shown', { shown, all })}
      </span>
      {isNarrowed ? (
        <button type="button" className="quiet" onClick={() => change(NO_FILTERS)}>
          {t('list.clear')}
        </button>
      ) : null}
    </search>
  )
}
