import { join } from 'node:path'
import type { Program } from '../supervisor/program.ts'
import { findJava } from './java.ts'
import { jarsFolder } from './places.ts'
import { answersHttp } from './probe.ts'

export interface RegistrySettings {
  port: number
  managementPort: number
  kafkaBrokers: string
  dataFolder: string
  env: NodeJS.ProcessEnv
}

/** The base of the Confluent-compatible API, which is what every client of the registry is given. */
export function registryUrl(port: number): string {
  return `http://127.0.0.1:${port}/apis/ccompat/v7`
}

/** Apicurio Registry with its schemas kept in Kafka, so that ids survive a restart. Throws when Java or jars are missing. */
export function registryProgram(settings: RegistrySettings): Program {
  const { port, managementPort, kafkaBrokers, dataFolder, env } = settings
  return {
    name: 'registry',
    kind: 'server',
    command: join(findJava(21, env).home, 'bin', 'java'),
    args: [
      '-Xmx256m',
      '-XX:+ExitOnOutOfMemoryError',
      '-Dquarkus.http.host=127.0.0.1',
      `-Dquarkus.http.port=${port}`,
      '-Dquarkus.management.host=127.0.0.1',
      `-Dquarkus.management.port=${managementPort}`,
      '-jar',
      join(jarsFolder('registry', env), 'quarkus-run.jar'),
    ],
    env: {
      APICURIO_STORAGE_KIND: 'kafkasql',
      APICURIO_KAFKASQL_BOOTSTRAP_SERVERS: kafkaBrokers,
      // At start it reads its topics until two polls come back empty; at the default of 5 s each that is 20 s of waiting.
      APICURIO_KAFKASQL_CONSUMER_POLL_TIMEOUT: '300',
      QUARKUS_LOG_LEVEL: 'WARN',
      APICURIO_LOG_LEVEL: 'WARN',
      QUARKUS_HTTP_ACCESS_LOG_ENABLED: 'false',
    },
    workingFolder: dataFolder,
    dataFolder,
    isReady: () => answersHttp(`${registryUrl(port)}/subjects`),
    readyTimeoutMs: 240_000,
    after: ['kafka'],
  }
}
