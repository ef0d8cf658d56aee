// The image's health check: asks /health of the service. The command's image runs one thing and ends; it is always well.
if (process.env.TOCSIN_SERVICE === 'tocsin') process.exit(0)
const host = process.env.TOCSIN_ADMIN_HOST || '127.0.0.1'
const port = process.env.TOCSIN_ADMIN_PORT || '9600'
const address = `http://${host.includes(':') ? `[${host}]` : host}:${port}/health`
const answer = await fetch(address, { signal: AbortSignal.timeout(4000) }).catch((error) => error)
if (!answer.ok) {
  console.error(`${address}: ${answer.status ?? answer.message}`)
  process.exit(1)
}
