import type { Need } from './authorize.ts'

/** One route of the API: how it is reached and what it needs. There is no other way in (test/routes.test.ts). */
export interface ApiRoute {
  method: 'GET' | 'POST' | 'DELETE'
  url: string
  need: Need
  /** Reads that are written to the audit trail when they are allowed: originals of log lines (SEC-S17). */
  audited?: boolean
}

const own: Need = { permission: 'own-session', object: 'none', beforePasswordChange: true }

export const ROUTES = {
  'session-read': { method: 'GET', url: '/api/session', need: { permission: 'anyone', object: 'none' } },
  'sign-in': { method: 'POST', url: '/api/session', need: { permission: 'anyone', object: 'none' } },
  'sign-out': { method: 'DELETE', url: '/api/session', need: own },
  'password-change': { method: 'POST', url: '/api/session/password', need: own },
  'constituents-list': {
    method: 'GET',
    url: '/api/constituents',
    need: { permission: 'read-cases', object: 'listed' },
  },
  'packs-list': { method: 'GET', url: '/api/packs', need: { permission: 'read-cases', object: 'none' } },
  'cases-list': { method: 'GET', url: '/api/cases', need: { permission: 'read-cases', object: 'listed' } },
  'sources-list': { method: 'GET', url: '/api/sources', need: { permission: 'read-cases', object: 'listed' } },
  'requests-list': { method: 'GET', url: '/api/requests', need: { permission: 'read-cases', object: 'listed' } },
  'request-open': {
    method: 'POST',
    url: '/api/constituents/:constituent/requests',
    need: { permission: 'command', object: 'constituent' },
  },
  'request-command': {
    method: 'POST',
    url: '/api/constituents/:constituent/requests/:requestId/commands',
    need: { permission: 'command', object: 'constituent' },
  },
  'compliance-list': { method: 'GET', url: '/api/compliance', need: { permission: 'read-cases', object: 'listed' } },
  'compliance-file': {
    method: 'GET',
    url: '/api/compliance.csv',
    need: { permission: 'read-cases', object: 'listed' },
  },
  'case-read': { method: 'GET', url: '/api/cases/:caseId', need: { permission: 'read-cases', object: 'case' } },
  'evidence-read': {
    method: 'GET',
    url: '/api/cases/:caseId/evidence',
    need: { permission: 'read-evidence', object: 'case' },
    audited: true,
  },
  'case-command': {
    method: 'POST',
    url: '/api/cases/:caseId/commands',
    need: { permission: 'command', object: 'case' },
  },
  'case-create': {
    method: 'POST',
    url: '/api/constituents/:constituent/cases',
    need: { permission: 'command', object: 'constituent' },
  },
  'event-read': {
    method: 'GET',
    url: '/api/constituents/:constituent/events/:eventId',
    need: { permission: 'read-evidence', object: 'constituent' },
    audited: true,
  },
  stream: { method: 'GET', url: '/api/stream', need: { permission: 'read-cases', object: 'listed' } },
} as const satisfies Readonly<Record<string, ApiRoute>>

export type RouteId = keyof typeof ROUTES
