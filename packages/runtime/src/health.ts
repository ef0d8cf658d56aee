import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Metrics } from './metrics.ts'

/** What a part of a process says of itself. */
export interface Check {
  ok: boolean
  /** One sentence; shown on /ready and /health. */
  detail: string
}

/**
 * Liveness and readiness of one process. Liveness is "the loop turned lately", never "Kafka is up" (operations.md 3.4):
 * a broker outage must not restart the fleet. Readiness is "joined and polling" or "listening".
 */
export class Health {
  readonly #live = new Map<string, () => Check>()
  readonly #ready = new Map<string, () => Check>()

  live(part: string, check: () => Check): void {
    this.#live.set(part, check)
  }

  ready(part: string, check: () => Check): void {
    this.#ready.set(part, check)
  }

  report(kind: 'live' | 'ready'): { ok: boolean; parts: Record<string, Check> } {
    const checks = kind === 'live' ? this.#live : this.#ready
    const parts: Record<string, Check> = {}
    for (const [part, check] of checks) parts[part] = check()
    // A process that has not said anything yet lives, but is not ready.
    const ok = Object.values(parts).every((part) => part.ok) && (kind === 'live' || checks.size > 0)
    return { ok, parts }
  }
}

/** Serves /health, /ready and /metrics; gives the port it got and a function that closes it. */
export async function serveAdmin(
  host: string,
  port: number,
  health: Health,
  metrics: Metrics,
): Promise<{ port: number; close: () => Promise<void> }> {
  const server: Server = createServer((request, response) => {
    const path = request.url?.split('?')[0]
    if (path === '/metrics') {
      metrics.registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      )
      return
    }
    if (path !== '/health' && path !== '/ready') {
      response.writeHead(404).end()
      return
    }
    const report = health.report(path === '/health' ? 'live' : 'ready')
    response.writeHead(report.ok ? 200 : 503, { 'content-type': 'application/json' }).end(`${JSON.stringify(report)}\n`)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
