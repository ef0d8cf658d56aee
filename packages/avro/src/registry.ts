import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import { RECORD_NAMES, type RecordName, type RecordTypes, topicOf } from '@tocsin/events'
import { type Codec, createCodec, createDecoder, schemaIdOf } from './codec.ts'
import { AvroError } from './errors.ts'
import { type AvroSchema, schemaOf } from './schemas.ts'

/** Codecs of every record, with ids from the registry. */
export interface Codecs {
  /** The codec that writes `record` with its registered id. */
  codec<Name extends RecordName>(record: Name): Codec<RecordTypes[Name]>
  /**
   * Decodes a framed value as `record`, whatever version of its schema wrote it; an unknown id is fetched once.
   * Throws `AvroError`: `undecodable_record`, `oversize_record`, `unknown_schema`, or `registry_unreachable` (retry).
   */
  decode<Name extends RecordName>(record: Name, framed: Buffer): RecordTypes[Name] | Promise<RecordTypes[Name]>
}

/**
 * Registers the schemas of `records` (all by default) under `<topic>-value` with FULL_TRANSITIVE and gives their codecs.
 * Throws `AvroError('incompatible_schema')` where the registry refuses one, `registry_unreachable` where it is away.
 */
export async function openCodecs(registryUrl: string, records: readonly RecordName[] = RECORD_NAMES): Promise<Codecs> {
  const base = registryUrl.replace(/\/$/, '')
  const registry = new SchemaRegistry({
    host: base,
    retry: { retries: 5, initialRetryTimeInSecs: 0.2, maxRetryTimeInSecs: 5 },
  })
  const codecs = new Map<RecordName, Codec<unknown>>()
  const schemas = new Map<RecordName, AvroSchema>()
  for (const record of records) {
    const schema = schemaOf(record)
    const id = await register(registry, base, record, schema)
    schemas.set(record, schema)
    codecs.set(record, createCodec(schema, id))
  }
  const decoders = new Map<string, (framed: Buffer) => unknown>()
  const fetching = new Map<string, Promise<(framed: Buffer) => unknown>>()

  const decoderOf = async (record: RecordName, id: number): Promise<(framed: Buffer) => unknown> => {
    const writer = await fetchSchema(base, id)
    const reader = schemas.get(record) ?? schemaOf(record)
    if (writer.name !== reader.name) {
      throw new AvroError('unknown_schema', `Schema ${id} is of ${writer.name}, not of ${reader.name}.`)
    }
    try {
      return createDecoder(writer, reader)
    } catch (error) {
      throw new AvroError('unknown_schema', `Schema ${id} of ${writer.name} cannot be read with our version.`, error)
    }
  }

  return {
    codec: <Name extends RecordName>(record: Name) => {
      const codec = codecs.get(record)
      if (codec === undefined) throw new AvroError('unknown_schema', `The codec of ${record} was not opened.`)
      return codec as Codec<RecordTypes[Name]>
    },
    decode: <Name extends RecordName>(record: Name, framed: Buffer) => {
      const id = schemaIdOf(framed)
      const own = codecs.get(record)
      if (own !== undefined && own.schemaId === id) return own.decode(framed) as RecordTypes[Name]
      const key = `${record}/${id}`
      const known = decoders.get(key)
      if (known !== undefined) return known(framed) as RecordTypes[Name]
      let pending = fetching.get(key)
      if (pending === undefined) {
        pending = decoderOf(record, id)
        fetching.set(key, pending)
        pending.then(
          (decoder) => decoders.set(key, decoder),
          () => fetching.delete(key),
        )
      }
      return pending.then((decoder) => decoder(framed) as RecordTypes[Name])
    },
  }
}

async function register(
  registry: SchemaRegistry,
  base: string,
  record: RecordName,
  schema: AvroSchema,
): Promise<number> {
  const subject = `${topicOf(record)}-value`
  try {
    const { id } = await registry.register(
      { type: SchemaType.AVRO, schema: JSON.stringify(schema) },
      { subject, compatibility: 'FULL_TRANSITIVE' as never },
    )
    return id
  } catch (error) {
    const text = String((error as Error).message)
    if (/incompatib|409/i.test(text)) {
      throw new AvroError(
        'incompatible_schema',
        `The registry refuses the schema of ${record} under ${subject}: it is not compatible with every earlier version. Add fields with defaults only.`,
        error,
      )
    }
    throw new AvroError(
      'registry_unreachable',
      `The schema registry at ${base} did not register ${subject}: ${text.slice(0, 200)}.`,
      error,
    )
  }
}

async function fetchSchema(base: string, id: number): Promise<AvroSchema> {
  let response: Response
  try {
    response = await fetch(`${base}/schemas/ids/${id}`, { signal: AbortSignal.timeout(10_000) })
  } catch (error) {
    throw new AvroError('registry_unreachable', `The schema registry at ${base} does not answer.`, error)
  }
  if (response.status === 404) throw new AvroError('unknown_schema', `The registry knows no schema ${id}.`)
  if (!response.ok)
    throw new AvroError('registry_unreachable', `The schema registry answers ${response.status} for schema ${id}.`)
  const body = (await response.json()) as { schema: string }
  return JSON.parse(body.schema) as AvroSchema
}
