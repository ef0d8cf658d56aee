import cookie from '@fastify/cookie'
import { type Log, messageOf } from '@tocsin/runtime'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { ROUTES, type RouteId } from '../routes.ts'
import type { ConsoleParts } from './console-parts.ts'
import { errorAnswer } from './http-error.ts'
import { admit, type Call } from './http-guard.ts'
import { handlers } from './http-handlers.ts'
import { servePage } from './http-page.ts'
import { serveReceiptPage } from './receipt-page.ts'

const MAX_BODY_BYTES = 64 * 1024

/** Sent with everything: nothing is loaded from elsewhere, framed, sniffed or told to other sites. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), interest-cohort=()',
}

/** Makes the server: every API route of routes.ts behind the one guard, then the page. */
export async function consoleServer(parts: ConsoleParts): Promise<FastifyInstance> {
  const { tls, trustedProxies } = parts.settings
  const options = {
    logger: false as const,
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: trustedProxies,
    requestTimeout: 30_000,
    forceCloseConnections: true,
    // A route is what the table says and nothing beside it.
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 200 },
  }
  const app = (tls === null ? fastify(options) : fastify({ ...options, https: tls })) as unknown as FastifyInstance
  await app.register(cookie)
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers(SECURITY_HEADERS)
    if (parts.settings.isSecure) void reply.header('strict-transport-security', 'max-age=31536000')
    if (request.url.startsWith('/api/')) void reply.header('cache-control', 'no-store')
  })
  app.setErrorHandler((error, _request, reply) => sendError(reply, error, parts.log))
  for (const id of Object.keys(ROUTES) as RouteId[]) {
    app.route({
      method: ROUTES[id].method,
      url: ROUTES[id].url,
      handler: (request, reply) => serve(id, parts, request, reply),
    })
  }
  if (parts.settings.receiptSecret !== null) await serveReceiptPage(app, parts, parts.settings.receiptSecret)
  await servePage(app, parts)
  return app
}

async function serve(id: RouteId, parts: ConsoleParts, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const call: Call = await admit(id, parts, request)
  return handlers[id](call, parts, reply)
}

function sendError(reply: FastifyReply, error: unknown, log: Log): FastifyReply {
  const { status, code, message } = errorAnswer(error)
  if (status >= 500) log.error({ code, err: error }, messageOf(error))
  const waitMs = (error as { waitMs?: unknown }).waitMs
  if (typeof waitMs === 'number') void reply.header('retry-after', String(Math.ceil(waitMs / 1_000)))
  return reply.status(status).send({ code, message })
}
