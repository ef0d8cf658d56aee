// The table of each Vietnamese system against the duties of Article 5, and what shows each.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type {
  ClockState,
  CoverageState,
  Incident,
  RegistryConstituent,
  RegistryContact,
  RegistrySource,
  RegistrySystem,
  Report,
  Request,
  SourceState,
} from '@tocsin/events'
import { type ComplianceBook, complianceOf } from '../src/compliance/compliance.ts'
import { complianceCsv } from '../src/compliance/compliance-file.ts'
import { outputOf } from '../src/registry/records.ts'
import { incident } from './incidents.ts'
import { entry } from './registry/registry-of.ts'
import { requestOf } from './request-records.ts'

const NOW = Date.UTC(2026, 10, 20)
const DAY_MS = 86_400_000
const BY = { changedBy: 'test', changedAt: 0, reason: 'test' }
const recordOf = <T>(section: Parameters<typeof outputOf>[0], raw: object): T =>
  outputOf(section, entry(section, raw), BY).value as T

const BODY = {
  name: 'Cổng',
  country: 'VN',
  pack: 'vn-circular-31',
  roles: ['manager'],
  timeZone: 'UTC',
  languages: ['vi'],
}
const bodyOf = (id: string, more: object = {}) =>
  recordOf<RegistryConstituent>('constituents', {
    id,
    group: id.replace('-', '_'),
    ...BODY,
    limits: { handlingResultEvery: 'PT12H' },
    ...more,
  })
const portal = {
  id: 'portal',
  constituent: 'vn-portal',
  name: 'Cổng dịch vụ công',
  description: 'Dịch vụ công',
  systemClass: 3,
  ips: ['192.0.2.10'],
  services: ['https'],
  os: ['Debian 12'],
  monitoringPosition: 'DMZ',
  linkCapacityMbps: [1000],
  expectedInputs: ['web-server:syslog'],
  internetConnections: ['link-1'],
  usesHttps: true,
}
const systemOf = (more: object = {}) => recordOf<RegistrySystem>('systems', { ...portal, ...more })
const source = (id: string, kind: string, more: object = {}) =>
  recordOf<RegistrySource>('sources', {
    id,
    constituent: 'vn-portal',
    name: id,
    circuit: 'outer',
    kind,
    timeZone: 'UTC',
    systemIds: ['portal'],
    ...more,
  })
const contact = (role: string) =>
  recordOf<RegistryContact>('contacts', {
    id: role,
    constituent: 'vn-portal',
    role,
    name: role,
    language: 'vi',
    channels: ['mail'],
  })
const report = (kind: string, daysAgo: number) =>
  ({ kind, constituent: 'vn-portal', to: NOW - daysAgo * DAY_MS, exercise: false }) as Report
const coverage = (kind: string, subject: string, state = 'covered') =>
  ({ kind, subject, state, constituent: 'vn-portal', systemIds: ['portal'] }) as unknown as CoverageState
const heard = (over: Partial<SourceState> = {}) =>
  ({ state: 'heard', rate: 'usual', lastSeenAt: NOW, constituent: 'vn-portal', ...over }) as SourceState
const ofPortal = (over: Partial<Incident> = {}) =>
  incident({
    constituent: 'vn-portal',
    systemIds: ['portal'],
    rsitClass: 'intrusions',
    rsitType: 'system-compromise',
    clocks: [],
    ...over,
  })
const breached = (clockId: string) => [{ clockId, state: 'breached' }] as ClockState[]

/** A body that does all that the console can see. */
function goodBook() {
  return {
    systems: [systemOf()],
    bodies: [bodyOf('vn-portal')],
    contacts: [contact('manager'), contact('unit-in-charge')],
    sources: [source('web', 'web-server'), source('waf', 'monitoring'), source('fw', 'firewall')],
    states: new Map(['web', 'waf', 'fw'].map((id) => [id, heard()])),
    coverage: [
      coverage('mandatory-inputs', 'portal'),
      coverage('internet-connection', 'link-1'),
      coverage('https', 'portal'),
    ],
    reports: [report('vn-daily', 1), report('vn-weekly', 5), report('vn-provision', 20), report('vn-six-month', 140)],
    requests: [requestOf({ state: 'answered' })] as Request[],
    cases: [ofPortal()],
  }
}
type Book = ReturnType<typeof goodBook>

function viewOf(book: Book, isVisible: (id: string) => boolean = () => true) {
  const made: ComplianceBook = {
    systems: () => book.systems,
    constituent: (id) => book.bodies.find(({ constituentId }) => constituentId === id),
    contacts: () => book.contacts,
    sources: () => book.sources,
    state: (id) => book.states.get(id),
    coverage: () => book.coverage,
    reports: () => book.reports,
    requests: () => book.requests,
    cases: (id) => book.cases.filter(({ constituent }) => constituent === id),
  }
  return complianceOf(made, isVisible, NOW)
}
const failing = (book: Book): string[] =>
  (viewOf(book).rows[0]?.cells ?? []).filter(({ verdict }) => verdict === 'fail').map(({ duty }) => duty)

test('VN-5.0 VN-12.3 each system of class 3 or higher stands against VN-5.1a to VN-5.3k with a verdict and what shows it; lower ones are voluntary', () => {
  const book = goodBook()
  book.systems.push(systemOf({ id: 'small', systemClass: 2 }), systemOf({ id: 'grave', systemClass: 5, ips: [] }))
  const { duties, rows } = viewOf(book)
  assert.deepEqual(
    duties,
    'a b c d e'
      .split(' ')
      .map((letter) => `VN-5.1${letter}`)
      .concat(
        'a b c d e'.split(' ').map((letter) => `VN-5.2${letter}`),
        'a b c d dd e g h i k'.split(' ').map((letter) => `VN-5.3${letter}`),
      ),
  )
  assert.deepEqual(
    rows.map(({ systemId, verdict, isBound }) => [systemId, verdict, isBound]),
    [
      ['grave', 'fail', true],
      ['portal', 'unknown', true],
      ['small', 'voluntary', false],
    ],
  )
  for (const { cells } of rows) {
    assert.deepEqual(
      cells.map(({ duty }) => duty),
      duties,
    )
    for (const { verdict, shows, link } of cells) {
      assert.match(verdict, /^(pass|fail|unknown)$/)
      assert.ok(shows !== '' && (link === null || link.startsWith('/')))
    }
  }
  // What the console cannot see it does not call met.
  assert.deepEqual(
    rows
      .find(({ systemId }) => systemId === 'portal')
      ?.cells.filter(({ verdict }) => verdict !== 'pass')
      .map(({ duty }) => duty),
    ['VN-5.3h'],
  )
})

test('VN-5.0 each duty fails by what it is about and by nothing else', () => {
  assert.deepEqual(failing(goodBook()), [])
  const change = (make: (book: Book) => void): string[] => {
    const book = goodBook()
    make(book)
    return failing(book)
  }
  const silent = heard({ state: 'silent' })
  assert.deepEqual(
    change((book) => book.states.set('web', silent)),
    ['VN-5.1a'],
  )
  assert.deepEqual(
    change((book) => book.states.set('fw', silent)),
    ['VN-5.1a', 'VN-5.2a', 'VN-5.2e'],
  )
  assert.deepEqual(
    change((book) => book.states.set('waf', silent)),
    ['VN-5.1a', 'VN-5.2a', 'VN-5.2c', 'VN-5.2e'],
  )
  assert.deepEqual(
    change((book) => {
      book.contacts = []
    }),
    ['VN-5.1b', 'VN-5.1c'],
  )
  assert.deepEqual(
    change((book) => {
      book.cases = [ofPortal({ clocks: breached('VN-5.1b/incident') })]
    }),
    ['VN-5.1b'],
  )
  assert.deepEqual(
    change((book) => {
      book.coverage[0] = coverage('mandatory-inputs', 'portal', 'silent')
    }),
    ['VN-5.1d'],
  )
  assert.deepEqual(
    change((book) => book.states.set('web', heard({ rate: 'high' }))),
    ['VN-5.1e'],
  )
  assert.deepEqual(
    change((book) => {
      book.coverage[1] = coverage('internet-connection', 'link-1', 'missing')
    }),
    ['VN-5.2b'],
  )
  assert.deepEqual(
    change((book) => {
      book.coverage.pop()
    }),
    ['VN-5.2d'],
  )
  assert.deepEqual(
    change((book) => {
      book.reports[0] = report('vn-daily', 3)
    }),
    ['VN-5.3a'],
  )
  assert.deepEqual(
    change((book) => {
      book.bodies = [bodyOf('vn-portal', { limits: {} })]
    }),
    ['VN-5.3b'],
  )
  assert.deepEqual(
    change((book) => {
      book.reports[1] = report('vn-weekly', 9)
    }),
    ['VN-5.3d'],
  )
  assert.deepEqual(
    change((book) => {
      book.cases = [ofPortal({ status: 'closed', rsitClass: 'other', rsitType: 'undetermined' })]
    }),
    ['VN-5.3dd'],
  )
  assert.deepEqual(
    change((book) => {
      book.cases = [ofPortal({ clocks: breached('VN-5.3e/incident') })]
    }),
    ['VN-5.3e'],
  )
  assert.deepEqual(
    change((book) => {
      book.systems = [systemOf({ os: [] })]
    }),
    ['VN-5.3g'],
  )
  assert.deepEqual(
    change((book) => {
      book.reports.splice(2, 1)
    }),
    ['VN-5.3i'],
  )
  assert.deepEqual(
    change((book) => {
      book.reports[3] = report('vn-six-month', 300)
    }),
    ['VN-5.3k'],
  )
})

test('VN-5.3c-2 an overdue instruction stands on the table, with the page where it can be looked at', () => {
  const book = goodBook()
  book.requests.push(requestOf({ state: 'overdue' }), requestOf({ state: 'overdue', kind: 'help', to: 'centre' }))
  const cell = viewOf(book).rows[0]?.cells.find(({ duty }) => duty === 'VN-5.3c')
  assert.deepEqual(cell, { duty: 'VN-5.3c', verdict: 'fail', shows: 'overdue', value: '1', link: '/requests' })
})

test('VN-9.3 an inspector has the table as a file; bodies that are not visible, other countries and exercises are not in it', () => {
  const book = goodBook()
  book.bodies.push(bodyOf('vn-other'), bodyOf('kz-body', { country: 'KZ' }))
  book.systems.push(systemOf({ id: 'theirs', constituent: 'vn-other' }), systemOf({ id: 'kz', constituent: 'kz-body' }))
  const csv = complianceCsv(viewOf(book, (id) => id !== 'vn-other'))
  assert.match(csv, /VN-5\.3k\r?\n/)
  assert.match(csv, /portal,vn-portal,[^\n]*unknown,[^\n]*pass sources 3\/3/)
  assert.doesNotMatch(csv, /theirs|kz-body/)
  const drill = goodBook()
  drill.cases = [ofPortal({ exercise: true, clocks: breached('VN-5.1b/incident') })]
  assert.deepEqual(failing(drill), [])
})
