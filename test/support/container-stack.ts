import type { StartedTestContainer } from 'testcontainers'
import { freePort } from './listening.ts'
import { type Stack, type StackNeeds, stackAt } from './stack-addresses.ts'

const images = {
  kafka: 'apache/kafka:4.3.1',
  registry: 'apicurio/apicurio-registry:3.3.3',
  elasticsearch: 'docker.elastic.co/elasticsearch/elasticsearch:9.5.3',
}

/** Starts the servers asked for in containers of their own; null where no container engine answers. */
export async function containerStack(needs: StackNeeds): Promise<Stack | null> {
  if (process.env['TOCSIN_TEST_CONTAINERS'] === 'never') return null
  const { GenericContainer, Wait, getContainerRuntimeClient } = await import('testcontainers')
  try {
    await getContainerRuntimeClient()
  } catch {
    return null
  }
  const started: StartedTestContainer[] = []
  const start = async (container: InstanceType<typeof GenericContainer>): Promise<StartedTestContainer> => {
    const running = await container.start()
    started.push(running)
    return running
  }
  const addresses = { kafka: '', registry: '', elasticsearch: '' }
  if (needs.kafka === true) {
    // Clients go where the broker says it is, so its port outside must be known before it starts.
    const port = await freePort()
    await start(
      new GenericContainer(images.kafka)
        .withEnvironment(kafkaEnvironment(port))
        .withExposedPorts({ container: 9092, host: port })
        .withWaitStrategy(Wait.forLogMessage('Kafka Server started')),
    )
    addresses.kafka = `127.0.0.1:${port}`
  }
  if (needs.registry === true) {
    const path = '/apis/ccompat/v7/subjects'
    const container = new GenericContainer(images.registry).withExposedPorts(8080)
    const running = await start(container.withWaitStrategy(Wait.forHttp(path, 8080)))
    addresses.registry = `http://127.0.0.1:${running.getMappedPort(8080)}/apis/ccompat/v7`
  }
  if (needs.elasticsearch === true) {
    const running = await start(
      new GenericContainer(images.elasticsearch)
        .withEnvironment({
          'discovery.type': 'single-node',
          'xpack.security.enabled': 'false',
          ES_JAVA_OPTS: '-Xmx768m',
        })
        .withExposedPorts(9200)
        .withWaitStrategy(Wait.forHttp('/_cluster/health', 9200)),
    )
    addresses.elasticsearch = `http://127.0.0.1:${running.getMappedPort(9200)}`
  }
  return stackAt('containers', addresses, async () => {
    await Promise.all(started.map((container) => container.stop()))
  })
}

function kafkaEnvironment(port: number): Record<string, string> {
  return {
    KAFKA_NODE_ID: '1',
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
    KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
    KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
  }
}
