import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const PROGRAM = '/usr/sbin/rsyslogd'
const MODULES = '/usr/lib/x86_64-linux-gnu/rsyslog'

/** Why a test with Debian's rsyslog as the sender cannot run here, or false. `module` is the plug-in it needs: `omrelp`, `lmnsd_gtls`. */
export function missingRsyslog(module: string): string | false {
  if (!existsSync(PROGRAM)) return 'rsyslogd is not installed (apt-get install rsyslog rsyslog-relp rsyslog-gnutls)'
  const found = [MODULES, '/usr/lib/aarch64-linux-gnu/rsyslog', '/usr/lib/rsyslog'].some((folder) =>
    existsSync(join(folder, `${module}.so`)),
  )
  return found ? false : `rsyslog has no ${module} here (apt-get install rsyslog-relp rsyslog-gnutls)`
}

/** A rsyslog of its own that takes lines on TCP and hands them on as its `actions` say. */
export interface Rsyslog {
  child: ChildProcess
  /** Hands lines to it; resolves when it has read them. */
  send(lines: readonly string[]): Promise<void>
  stop(): Promise<void>
}

/** Starts rsyslogd in a folder with `actions` in its own configuration language; `modules` are loaded before. */
export async function startRsyslog(folder: string, port: number, modules: string, actions: string): Promise<Rsyslog> {
  mkdirSync(folder, { recursive: true })
  const config = join(folder, 'rsyslog.conf')
  writeFileSync(
    config,
    `global(workDirectory="${folder}" maxMessageSize="64k" ${modules.includes('gtls') ? 'defaultNetstreamDriver="gtls"' : ''})
module(load="imptcp")
${modules}
template(name="raw" type="string" string="%rawmsg%")
template(name="line" type="string" string="%rawmsg%\\n")
input(type="imptcp" address="127.0.0.1" port="${port}" ruleset="out")
ruleset(name="out" queue.type="LinkedList" queue.size="200000" queue.timeoutshutdown="15000") {
${actions}
}
`,
  )
  const child = spawn(PROGRAM, ['-n', '-f', config, '-i', join(folder, 'pid')], { stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(child, 'close')
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const dial = async () => {
    for (let tries = 0; tries < 200; tries++) {
      const socket = connect({ port, host: '127.0.0.1' })
      const open = await Promise.race([
        once(socket, 'connect').then(() => true),
        once(socket, 'error').then(() => false),
      ]).catch(() => false)
      if (open) return socket
      if (child.exitCode !== null) break
      await pause(25)
    }
    throw new Error(`rsyslogd does not listen on ${port}: ${said}`)
  }
  ;(await dial()).destroy()
  return {
    child,
    async send(lines) {
      const socket = await dial()
      socket.resume()
      socket.end(`${lines.join('\n')}\n`)
      await once(socket, 'close')
    },
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}
