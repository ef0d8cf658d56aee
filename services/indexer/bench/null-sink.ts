// An Elasticsearch that takes everything and keeps nothing, in a process of its own so that its CPU time is not counted.
import { createServer } from 'node:http'

const LF = 0x0a
const server = createServer((request, response) => {
  let lines = 0
  request.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) lines++
  })
  request.on('end', () => {
    const isFiltered = request.url?.includes('filter_path') === true
    const item = isFiltered
      ? '{"create":{"status":201}}'
      : '{"create":{"_index":".ds-logs-tocsin.event-a-2026.03.01-000001","_id":"019ced7d0000000000000000","_version":1,"result":"created","_shards":{"total":2,"successful":1,"failed":0},"_seq_no":17,"_primary_term":1,"status":201}}'
    response.writeHead(200, {
      'content-type': 'application/vnd.elasticsearch+json; compatible-with=9',
      'x-elastic-product': 'Elasticsearch',
    })
    response.end(
      `{"took":1,"errors":false,"items":[${Array(lines >> 1)
        .fill(item)
        .join(',')}]}`,
    )
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`${typeof address === 'object' && address !== null ? address.port : 0}\n`)
})
process.stdin.resume().on('end', () => process.exit(0))
