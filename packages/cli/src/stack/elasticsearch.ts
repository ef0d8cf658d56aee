import { cp, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Program } from '../supervisor/program.ts'
import { findJava } from './java.ts'
import { jarsFolder, projectRoot } from './places.ts'
import { answersHttp } from './probe.ts'

export interface ElasticsearchSettings {
  port: number
  transportPort: number
  /** The home of the node: config, modules, data, logs. */
  dataFolder: string
  env: NodeJS.ProcessEnv
}

/** One Elasticsearch node without security, on loopback. Throws when Java or jars are missing. */
export function elasticsearchProgram(settings: ElasticsearchSettings): Program {
  const { port, transportPort, dataFolder, env } = settings
  const java = join(findJava(21, env).home, 'bin', 'java')
  const jars = jarsFolder('elasticsearch', env)
  const classPath = [join(jars, 'launcher'), join(jars, 'lib', '*')].join(delimiter)
  return {
    name: 'elasticsearch',
    kind: 'server',
    command: java,
    args: [
      '-Xms256m',
      '-Xmx768m',
      '-XX:+ExitOnOutOfMemoryError',
      '--enable-native-access=ALL-UNNAMED',
      '--add-opens=java.base/java.io=ALL-UNNAMED',
      `-Des.path.home=${dataFolder}`,
      `-Djava.io.tmpdir=${join(dataFolder, 'tmp')}`,
      '-cp',
      classPath,
      'ElasticsearchLauncher',
    ],
    env: {},
    workingFolder: dataFolder,
    dataFolder,
    async prepare() {
      for (const folder of ['config', 'plugins', 'lib', 'logs', 'data', 'tmp']) {
        await mkdir(join(dataFolder, folder), { recursive: true })
      }
      await cp(join(jars, 'modules'), join(dataFolder, 'modules'), { recursive: true })
      await cp(join(projectRoot, 'deploy/embedded/log4j2.properties'), join(dataFolder, 'config/log4j2.properties'))
      await writeFile(join(dataFolder, 'config/elasticsearch.yml'), configuration(port, transportPort))
    },
    isReady: () => answersHttp(`http://127.0.0.1:${port}/_cluster/health?wait_for_status=yellow&timeout=1s`),
    readyTimeoutMs: 240_000,
    after: ['kafka'],
  }
}

function configuration(port: number, transportPort: number): string {
  return [
    'cluster.name: tocsin',
    'node.name: embedded',
    'discovery.type: single-node',
    'network.host: 127.0.0.1',
    `http.port: ${port}`,
    `transport.port: ${transportPort}`,
    // A laptop whose disk is 90 % full must still take the demo's few megabytes; `up` checks the free space itself.
    'cluster.routing.allocation.disk.threshold_enabled: false',
    'action.auto_create_index: "logs-tocsin.*,-*"',
    '',
  ].join('\n')
}
