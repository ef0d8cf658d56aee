import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import { TocsinError } from '@tocsin/runtime'
import type { FastifyInstance } from 'fastify'
import type { ConsoleParts } from './console-parts.ts'

const NOT_BUILT = 'The page is not built: npm run build -w @tocsin/console'

/** Serves the built page. It holds no data, so it needs no session; what is not a file is the page itself. */
export async function servePage(app: FastifyInstance, parts: ConsoleParts): Promise<void> {
  const { distFolder } = parts.settings
  const index = join(distFolder, 'index.html')
  const page = existsSync(index) ? readFileSync(index) : null
  if (page === null) parts.log.error({ code: 'page_not_built' }, `${NOT_BUILT} (looked in ${distFolder}).`)
  else
    await app.register(fastifyStatic, {
      root: join(distFolder, 'assets'),
      prefix: '/assets/',
      index: false,
      // Names of built files carry their hash.
      immutable: true,
      maxAge: '365d',
    })
  app.setNotFoundHandler((request, reply) => {
    if (request.method !== 'GET' || request.url.startsWith('/api') || request.url.startsWith('/assets/'))
      throw new TocsinError('unknown_route', 'There is nothing at this address.')
    if (page === null) throw new TocsinError('page_not_built', NOT_BUILT)
    return reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(page)
  })
}
