import type { IndexPlan } from '../index-plan.ts'
import { dashboards, searches, visualizations } from './content.ts'

/** One saved object as Kibana imports it: one a line (`POST /api/saved_objects/_import`). */
export interface SavedObject {
  id: string
  type: 'index-pattern' | 'search' | 'visualization' | 'dashboard'
  attributes: Record<string, unknown>
  references: { name: string; type: string; id: string }[]
  coreMigrationVersion: string
  typeMigrationVersion: string
}

/** The version whose shapes these are; Kibana raises older ones when it imports them. */
const CORE = '8.8.0'
const TYPE: Readonly<Record<SavedObject['type'], string>> = {
  'index-pattern': '8.0.0',
  search: '8.0.0',
  visualization: '8.5.0',
  dashboard: '8.9.0',
}
const SOURCE = 'kibanaSavedObjectMeta.searchSourceJSON.index'
/** Width of a dashboard in columns; a panel takes half of it. */
const COLUMNS = 48
const ROWS = 15

/** Index pattern of a plan's records over all groups; the rights of a role bound what of it is seen. */
export function patternOf({ record, kind }: IndexPlan): string {
  const name = (record === 'enriched-event' ? 'event' : record).replaceAll('-', '_')
  return kind === 'stream' ? `logs-tocsin.${name}-*` : `tocsin-${name}-*`
}

const idOf = (kind: string, name: string): string => `tocsin-${kind}-${name.replaceAll('_', '-')}`
const viewOf = (record: IndexPlan['record']): string => idOf('view', record)

/** Every data view, search, visualization and dashboard, each after what it refers to. */
export function savedObjects(plans: readonly IndexPlan[]): SavedObject[] {
  const panels = new Map<string, SavedObject>()
  for (const { name, title, record, query, columns } of searches) {
    const sort = [['@timestamp', 'desc']]
    const attributes = { title, description: '', columns, sort, grid: {}, hideChart: false, ...sourceOf(query) }
    panels.set(name, objectOf('search', idOf('search', name), attributes, [view(record)]))
  }
  for (const { name, title, record, query, shape, by, over } of visualizations) {
    const visState = JSON.stringify({ title, type: shape, params: paramsOf(shape), aggs: aggregationsOf(by, over) })
    const attributes = { title, description: '', version: 1, uiStateJSON: '{}', visState, ...sourceOf(query) }
    panels.set(name, objectOf('visualization', idOf('visualization', name), attributes, [view(record)]))
  }
  return [
    ...plans.map((plan) =>
      objectOf('index-pattern', viewOf(plan.record), {
        title: patternOf(plan),
        name: `Tocsin: ${plan.topic}`,
        timeFieldName: '@timestamp',
      }),
    ),
    ...panels.values(),
    ...dashboards.map(({ name, title, panels: names }) => dashboardOf(name, title, names, panels)),
  ]
}

const view = (record: IndexPlan['record']) => ({ name: SOURCE, type: 'index-pattern', id: viewOf(record) })

function objectOf(
  type: SavedObject['type'],
  id: string,
  attributes: Record<string, unknown>,
  references: SavedObject['references'] = [],
): SavedObject {
  return { id, type, attributes, references, coreMigrationVersion: CORE, typeMigrationVersion: TYPE[type] }
}

function sourceOf(query: string): { kibanaSavedObjectMeta: { searchSourceJSON: string } } {
  const source = { query: { query, language: 'kuery' }, filter: [], indexRefName: SOURCE }
  return { kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify(source) } }
}

function aggregationsOf(by: string, over: boolean): object[] {
  const count = { id: '1', enabled: true, type: 'count', schema: 'metric', params: {} }
  const terms = { field: by, orderBy: '1', order: 'desc', size: 10, otherBucket: true, missingBucket: false }
  const time = { field: '@timestamp', interval: 'auto', min_doc_count: 1, extended_bounds: {} }
  return over
    ? [
        count,
        { id: '2', enabled: true, type: 'date_histogram', schema: 'segment', params: time },
        { id: '3', enabled: true, type: 'terms', schema: 'group', params: terms },
      ]
    : [count, { id: '2', enabled: true, type: 'terms', schema: 'bucket', params: terms }]
}

function paramsOf(shape: 'table' | 'histogram'): object {
  if (shape === 'table') return { perPage: 10, showPartialRows: false, showTotal: false, totalFunc: 'sum' }
  const data = { id: '1', label: 'Count' }
  return {
    type: 'histogram',
    addTooltip: true,
    addLegend: true,
    legendPosition: 'right',
    categoryAxes: [
      {
        id: 'CategoryAxis-1',
        type: 'category',
        position: 'bottom',
        show: true,
        scale: { type: 'linear' },
        labels: { show: true },
        title: {},
      },
    ],
    valueAxes: [
      {
        id: 'ValueAxis-1',
        name: 'LeftAxis-1',
        type: 'value',
        position: 'left',
        show: true,
        scale: { type: 'linear', mode: 'normal' },
        labels: { show: true },
        title: { text: 'Count' },
      },
    ],
    seriesParams: [{ show: true, type: 'histogram', mode: 'stacked', data, valueAxis: 'ValueAxis-1' }],
  }
}

function dashboardOf(
  name: string,
  title: string,
  names: readonly string[],
  panels: ReadonlyMap<string, SavedObject>,
): SavedObject {
  const found = names.map((panel) => panels.get(panel)).filter((panel) => panel !== undefined)
  const panelsJSON = found.map(({ type }, at) => {
    const index = String(at + 1)
    const gridData = { x: (at % 2) * (COLUMNS / 2), y: Math.floor(at / 2) * ROWS, w: COLUMNS / 2, h: ROWS, i: index }
    return { type, gridData, panelIndex: index, embeddableConfig: {}, panelRefName: `panel_${index}` }
  })
  const attributes = {
    title,
    description: '',
    version: 1,
    panelsJSON: JSON.stringify(panelsJSON),
    optionsJSON: JSON.stringify({ useMargins: true, hidePanelTitles: false }),
    timeRestore: true,
    timeFrom: 'now-24h',
    timeTo: 'now',
    kibanaSavedObjectMeta: {
      searchSourceJSON: JSON.stringify({ query: { query: '', language: 'kuery' }, filter: [] }),
    },
  }
  const references = found.map(({ type, id }, at) => ({ name: `${at + 1}:panel_${at + 1}`, type, id }))
  return objectOf('dashboard', idOf('dashboard', name), attributes, references)
}
