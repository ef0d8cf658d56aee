/** Addresses of real servers for a test. */
export interface Stack {
  /** Where the servers come from. */
  origin: 'environment' | 'containers' | 'embedded'
  /** host:port of Kafka. */
  kafka: string
  /** Base of the registry's Confluent-compatible API. */
  registry: string
  /** Base of Elasticsearch. */
  elasticsearch: string
  /** The same as settings of a service: KAFKA_BROKERS, REGISTRY_URL, ELASTICSEARCH_URL, TOCSIN_PROFILE. */
  env: Record<string, string>
  /** Ends what was started for the caller alone; a stack that others of the run use too ends with the run. */
  stop(): Promise<void>
}

/** Which servers a test needs; the others may be there or not. */
export interface StackNeeds {
  kafka?: boolean
  registry?: boolean
  elasticsearch?: boolean
}

/** Puts addresses into the form of a stack. */
export function stackAt(
  origin: Stack['origin'],
  { kafka, registry, elasticsearch }: Pick<Stack, 'kafka' | 'registry' | 'elasticsearch'>,
  stop: () => Promise<void>,
): Stack {
  const env = {
    TOCSIN_PROFILE: 'embedded',
    KAFKA_BROKERS: kafka,
    REGISTRY_URL: registry,
    ELASTICSEARCH_URL: elasticsearch,
  }
  return { origin, kafka, registry, elasticsearch, env, stop }
}
