// A process of its own that uploads one job and kills itself before the n-th command to the server (argv: JSON).
import { readFileSync, writeSync } from 'node:fs'
import { systemClock } from '@tocsin/runtime'
import { FTPContext } from 'basic-ftp'
import { FtpsTransport } from '../../src/adapters/ftps.ts'

const { dieBefore, caFile, job, ...server } = JSON.parse(process.argv[2] ?? '{}') as {
  dieBefore: number
  caFile: string
  job: { id: string; files: { path: string; content: string }[] }
  host: string
  port: number
  user: string
  password: string
}
let commands = 0
// oxlint-disable-next-line typescript/unbound-method -- called with its own context below
const { send } = FTPContext.prototype
FTPContext.prototype.send = function (command: string): void {
  if (++commands === dieBefore) process.kill(process.pid, 'SIGKILL')
  else send.call(this, command)
}
const transport = new FtpsTransport(
  { ...server, ca: readFileSync(caFile, 'utf8'), implicit: false, directory: '' },
  systemClock,
)
const result = await transport.send({
  id: job.id,
  files: job.files.map(({ path, content }) => ({ path, content: Buffer.from(content) })),
})
transport.close()
writeSync(1, `${JSON.stringify({ kind: result.kind, commands })}\n`)
