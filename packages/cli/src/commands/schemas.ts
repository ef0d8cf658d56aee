import type { Command } from '@tocsin/runtime'
import { readOptions } from '../arguments.ts'
import { StackError } from '../stack/stack-error.ts'

export const schemasRegister: Command = {
  name: 'schemas register',
  summary: 'register every schema under <topic>-value with FULL_TRANSITIVE; does nothing where they are',
  usage: 'schemas register [--registry URL]',
  examples: [
    'tocsin schemas register',
    'tocsin schemas register --registry https://registry.example.net/apis/ccompat/v7',
  ],
  async run(args, io) {
    const url = readOptions(args, { registry: { type: 'string' } }).registry ?? io.env.REGISTRY_URL
    if (url === undefined) {
      throw new StackError(
        'bad_argument',
        'No registry is known: start the stack with `tocsin up` or give --registry URL.',
      )
    }
    const { openCodecs } = await import('@tocsin/avro/registry')
    const { RECORD_NAMES } = await import('@tocsin/events')
    await openCodecs(url)
    io.stdout.write(`${RECORD_NAMES.length} schemas are registered\n`)
    return 0
  },
}
