// Kibana's saved objects: no Kibana is at hand, so what can be wrong in them is checked against the index templates.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { schemaOf } from '@tocsin/avro'
import { indexName } from '../src/document.ts'
import type { IndexPlan } from '../src/index-plan.ts'
import { plans } from '../src/indices/index.ts'
import { patternOf, type SavedObject, savedObjects } from '../src/kibana/saved-objects.ts'
import { mappingOf } from '../src/mapping.ts'

const objects = savedObjects(plans)
const file = join(import.meta.dirname, '../../../deploy/kibana/tocsin.ndjson')
const byId = new Map(objects.map((object) => [`${object.type}/${object.id}`, object]))

/** Type of a field of a plan's documents as its template maps it; undefined where there is none. */
function typeOf(plan: IndexPlan, field: string): string | undefined {
  interface Node {
    type?: string
    properties?: Record<string, Node>
  }
  let node: Node | undefined = mappingOf(schemaOf(plan.record)) as Node
  for (const part of field.split('.')) node = node?.properties?.[part]
  return node?.type
}

const planOf = (object: SavedObject): IndexPlan => {
  const [reference] = object.references
  const view = byId.get(`${reference?.type}/${reference?.id}`)
  return plans.find((plan) => patternOf(plan) === view?.attributes['title']) ?? assert.fail(object.id)
}
const parsed = (text: unknown) => JSON.parse(String(text)) as Record<string, unknown>
const sourceOf = ({ attributes }: SavedObject) =>
  parsed((attributes['kibanaSavedObjectMeta'] as { searchSourceJSON: string }).searchSourceJSON)

describe('saved objects of Kibana', () => {
  test('the file that is shipped is the one that is made', () => {
    assert.equal(
      readFileSync(file, 'utf8'),
      objects.map((object) => `${JSON.stringify(object)}\n`).join(''),
      'write it anew: tocsin index kibana > deploy/kibana/tocsin.ndjson',
    )
  })

  test('each has an id of its own, and refers only to what stands before it', () => {
    assert.equal(byId.size, objects.length)
    const before = new Set<string>()
    for (const { type, id, references } of objects) {
      for (const reference of references)
        assert.ok(before.has(`${reference.type}/${reference.id}`), `${id}: ${reference.id}`)
      before.add(`${type}/${id}`)
    }
  })

  test('a data view for every record that is indexed, whose pattern fits the names that the indexer writes', () => {
    for (const plan of plans) {
      const pattern = new RegExp(`^${patternOf(plan).replaceAll('.', '\\.').replace('*', '.+')}$`)
      assert.match(indexName(plan, 'group'), pattern)
      const view = objects.find(
        ({ type, attributes }) => type === 'index-pattern' && attributes['title'] === patternOf(plan),
      )
      assert.equal(view?.attributes['timeFieldName'], '@timestamp')
    }
  })

  for (const object of objects.filter(({ type }) => type === 'search' || type === 'visualization'))
    test(`${object.id}: every field that it names is mapped, and what it counts by can be counted by`, () => {
      const plan = planOf(object)
      const source = sourceOf(object) as { query: { query: string }; indexRefName: string }
      assert.equal(source.indexRefName, object.references[0]?.name)
      for (const [, field = ''] of source.query.query.matchAll(/([\w.]+) :/g)) assert.ok(typeOf(plan, field), field)
      for (const column of (object.attributes['columns'] as string[] | undefined) ?? [])
        assert.ok(typeOf(plan, column), column)
      if (object.type === 'search') return
      const state = parsed(object.attributes['visState']) as { aggs: { type: string; params: { field?: string } }[] }
      assert.equal(state.aggs[0]?.type, 'count')
      for (const { type, params } of state.aggs.slice(1)) {
        const mapped = typeOf(plan, params.field ?? '')
        assert.ok(
          type === 'date_histogram'
            ? mapped === 'date'
            : ['keyword', 'ip', 'long', 'integer', 'boolean'].includes(mapped ?? ''),
          `${params.field}: ${mapped}`,
        )
      }
    })

  for (const object of objects.filter(({ type }) => type === 'dashboard'))
    test(`${object.id}: each panel has its reference, none lies over another, none is missing`, () => {
      const panels = JSON.parse(String(object.attributes['panelsJSON'])) as {
        type: string
        panelIndex: string
        panelRefName: string
        gridData: { x: number; y: number; w: number; h: number; i: string }
      }[]
      assert.ok(panels.length >= 5)
      assert.equal(panels.length, object.references.length)
      const cells = new Set<string>()
      for (const { type, panelIndex, panelRefName, gridData } of panels) {
        const reference = object.references.find(({ name }) => name === `${panelIndex}:${panelRefName}`)
        assert.equal(reference?.type, type)
        assert.ok(gridData.x + gridData.w <= 48)
        assert.equal(gridData.i, panelIndex)
        cells.add(`${gridData.x}/${gridData.y}`)
      }
      assert.equal(cells.size, panels.length)
      parsed(object.attributes['optionsJSON'])
    })
})
