import type { FunctionComponent } from 'react'
import type { TextKey } from '../texts.ts'
import { CompliancePage } from './compliance.tsx'
import { IncidentPage } from './incident.tsx'
import { IncidentsPage } from './incidents.tsx'
import { RequestsPage } from './requests.tsx'
import { SourcesPage } from './sources.tsx'

/** One page. A new one: its file here, and one line in the list below. */
export interface PageEntry {
  /** Path with `:name` for what varies. */
  path: string
  Component: FunctionComponent<{ params: Readonly<Record<string, string>> }>
  /** Text of its link in the head of the page; null for a page that others lead to. */
  navigation: TextKey | null
}

export const PAGES: readonly PageEntry[] = [
  { path: '/', Component: IncidentsPage, navigation: 'nav.cases' },
  { path: '/sources', Component: SourcesPage, navigation: 'nav.sources' },
  { path: '/requests', Component: RequestsPage, navigation: 'nav.requests' },
  { path: '/compliance', Component: CompliancePage, navigation: 'nav.compliance' },
  { path: '/incidents/:caseId', Component: IncidentPage, navigation: null },
]

/** The page of a path; the list of incidents for a path that is none. */
export function pageAt(path: string): Pick<PageEntry, 'Component'> & { params: Readonly<Record<string, string>> } {
  for (const { path: pattern, Component } of PAGES) {
    const params = matches(pattern, path)
    if (params !== null) return { Component, params }
  }
  return { Component: IncidentsPage, params: {} }
}

function matches(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/')
  const found = path.split('/')
  if (wanted.length !== found.length) return null
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const text = found[index] ?? ''
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(text)
    else if (part !== text) return null
  }
  return params
}
