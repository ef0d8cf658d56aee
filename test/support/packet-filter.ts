import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { findDebianProgram, type Unpacked } from 'tocsin/sinks/debian-program'
import { freePort, untilListening } from 'tocsin/sinks/listening'

/**
 * A real packet filter: nftables in a network namespace of its own, a second namespace beside it from which connections are
 * tried, and sshd on loopback whose one key runs deploy/filter/tocsin-filter.
 */
export interface PacketFilterLab {
  host: string
  port: number
  user: string
  keyFile: string
  knownHostsFile: string
  /** Where the script keeps one file for each action. */
  actionsFolder: string
  /** True when a connection from this address through the filter is answered within two seconds. */
  connects(from: string): Promise<boolean>
  /** Elements of one set of the table `inet tocsin`. */
  elements(set: string): string[]
  /** Makes the forced command wait before it starts, or after it has done its work; null lets it run. */
  hold(where: 'before' | 'after' | null): void
  /** How often the forced command was started, and how often it came to its end. */
  calls(): { started: number; ended: number }
  stop(): Promise<void>
}

/** Addresses in the namespace from which connections are tried. */
export const ATTACKER = '203.0.113.9'
export const BYSTANDER = '203.0.113.10'

const SERVER = '203.0.113.1'
const SERVER_PORT = 8_080
const SCRIPT = join(import.meta.dirname, '../../deploy/filter/tocsin-filter')

const NFT = ['nftables', 'libnftables1', 'libnftnl11', 'libmnl0', 'libjansson4', 'libxtables12', 'libedit2']

/** Starts it in a folder; or says, in one sentence, what of it this machine refuses. */
export async function startPacketFilter(dir: string): Promise<PacketFilterLab | string> {
  const lacking = ['ssh', 'ssh-keygen', 'ip', 'unshare', 'nsenter', 'flock'].find((program) => !isThere(program))
  if (lacking !== undefined) return `there is no ${lacking} here`
  const nft = findDebianProgram('usr/sbin/nft', NFT, ['--version'])
  if (nft === null) return 'nftables cannot be had here'
  const sshd = findDebianProgram('usr/sbin/sshd', ['openssh-server', 'libwrap0'], ['-V'])
  if (sshd === null) return 'sshd cannot be had here'
  const spaces = await openNamespaces()
  if (typeof spaces === 'string') return spaces
  const enter = ['-t', String(spaces.filterPid), '-U', '-n', '--preserve-credentials']
  const environment = filterEnvironment(dir, nft)
  const inFilter = (...words: string[]): string =>
    execFileSync('nsenter', [...enter, ...words], { encoding: 'utf8', env: { ...process.env, ...environment } })
  try {
    inFilter('nft', '-f', environment['TOCSIN_FILTER_RULES'] ?? '')
  } catch {
    spaces.stop()
    return 'this kernel refuses nftables in a namespace'
  }
  const server = await startServer(enter)
  const login = makeKeys(dir)
  const command = forcedCommand(dir, enter, environment)
  const daemon = await startSshd(dir, sshd, login.publicKey, command)
  writeFileSync(login.knownHostsFile, `[127.0.0.1]:${daemon.port} ${login.hostKey}\n`)
  return {
    host: '127.0.0.1',
    port: daemon.port,
    user: userInfo().username,
    keyFile: login.keyFile,
    knownHostsFile: login.knownHostsFile,
    actionsFolder: join(environment['TOCSIN_FILTER_STATE'] ?? '', 'actions'),
    connects: (from) => connects(spaces.attackerPid, from),
    elements: (set) => {
      const text = inFilter('nft', '-j', 'list', 'set', 'inet', 'tocsin', set)
      const { nftables } = JSON.parse(text) as { nftables: { set?: { elem?: string[] } }[] }
      return nftables.flatMap((entry) => entry.set?.elem ?? [])
    },
    hold: (where) => writeFileSync(join(dir, 'hold'), where ?? ''),
    calls: () => {
      const lines = existsSync(join(dir, 'calls')) ? readFileSync(join(dir, 'calls'), 'utf8').split('\n') : []
      return {
        started: lines.filter((line) => line === 'started').length,
        ended: lines.filter((line) => line === 'ended').length,
      }
    },
    async stop() {
      await Promise.all([endGroup(daemon.child), endGroup(server)])
      spaces.stop()
    },
  }
}

function isThere(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, program)))
}

interface Namespaces {
  filterPid: number
  attackerPid: number
  stop(): void
}

// Two namespaces with one cable between them; the outer one owns both. Everything in it ends with its first process.
const CABLE = `
ip link set lo up &&
ip link add filter0 type veth peer name attacker0 &&
ip addr add ${SERVER}/24 dev filter0 && ip link set filter0 up || exit 1
unshare -n sleep infinity & attacker=$!
until [ "$(readlink /proc/$attacker/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.02; done
ip link set attacker0 netns $attacker || exit 1
nsenter -t $attacker -n sh -c 'ip link set lo up && ip addr add ${ATTACKER}/24 dev attacker0 &&
  ip addr add ${BYSTANDER}/24 dev attacker0 && ip link set attacker0 up' || exit 1
echo "ready $$ $attacker"
wait
`

async function openNamespaces(): Promise<Namespaces | string> {
  const child = spawn('unshare', ['-r', '-n', 'sh', '-c', CABLE], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.on('data', (data: Buffer) => {
    said += data
  })
  const ended = once(child, 'exit')
  const ready = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      const [, filterPid, attackerPid] = /^ready (\d+) (\d+)$/.exec(line) ?? []
      if (attackerPid !== undefined) return { filterPid: Number(filterPid), attackerPid: Number(attackerPid) }
    }
    return null
  })()
  const pids = await Promise.race([ready, ended.then(() => null)])
  const stop = (): void => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
      process.kill(-child.pid, 'SIGKILL')
  }
  if (pids !== null) return { ...pids, stop }
  stop()
  return `this machine refuses network namespaces: ${said.trim().split('\n')[0] ?? ''}`
}

/** What the script needs: a folder for its actions, the rules, and nft where it was unpacked. */
function filterEnvironment(dir: string, nft: Unpacked): Record<string, string> {
  const bin = join(dir, 'bin')
  mkdirSync(bin)
  const wrapper = join(bin, 'nft')
  writeFileSync(wrapper, `#!/bin/sh\n${librariesOf(nft)}exec ${nft.path} "$@"\n`)
  chmodSync(wrapper, 0o755)
  return {
    PATH: `${bin}:/usr/sbin:/usr/bin:/sbin:/bin`,
    TOCSIN_FILTER_STATE: join(dir, 'state'),
    TOCSIN_FILTER_RULES: `${SCRIPT}.nft`,
  }
}

const librariesOf = ({ libraries }: Unpacked): string => (libraries === null ? '' : `LD_LIBRARY_PATH=${libraries} `)

/** The command of the key: the script in the filter's namespace, with a place to wait before and after it. */
function forcedCommand(dir: string, enter: readonly string[], environment: Readonly<Record<string, string>>): string {
  const file = join(dir, 'forced-command')
  const set = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const hold = (where: string): string =>
    `while [ "$(cat ${join(dir, 'hold')} 2>/dev/null)" = ${where} ]; do sleep 0.05; done`
  const lines = [
    '#!/bin/sh',
    `echo started >>${join(dir, 'calls')}`,
    hold('before'),
    `nsenter ${enter.join(' ')} env ${set.join(' ')} sh ${SCRIPT}`,
    'code=$?',
    `echo ended >>${join(dir, 'calls')}`,
    hold('after'),
    'exit $code',
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  chmodSync(file, 0o755)
  return file
}

function makeKeys(dir: string) {
  const keyFile = join(dir, 'filter-key')
  const hostFile = join(dir, 'host-key')
  for (const file of [keyFile, hostFile])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', file], { stdio: 'pipe' })
  const [type = '', key = ''] = readFileSync(`${hostFile}.pub`, 'utf8').split(' ')
  return {
    keyFile,
    hostKey: `${type} ${key}`,
    publicKey: readFileSync(`${keyFile}.pub`, 'utf8').trim(),
    knownHostsFile: join(dir, 'known_hosts'),
  }
}

async function startSshd(
  dir: string,
  sshd: Unpacked,
  publicKey: string,
  command: string,
): Promise<{ port: number; child: ChildProcess }> {
  const port = await freePort()
  const at = (name: string): string => join(dir, name)
  writeFileSync(at('authorized_keys'), `restrict,command="${command}" ${publicKey}\n`)
  const settings = {
    Port: port,
    MaxStartups: 100,
    ListenAddress: '127.0.0.1',
    HostKey: at('host-key'),
    AuthorizedKeysFile: at('authorized_keys'),
    // The folder of a test lies below one that everybody may write to.
    StrictModes: 'no',
    UsePAM: 'no',
    PidFile: 'none',
    PasswordAuthentication: 'no',
    KbdInteractiveAuthentication: 'no',
    PermitRootLogin: 'forced-commands-only',
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}`)
  writeFileSync(at('sshd_config'), `${lines.join('\n')}\n`)
  const start = [sshd.path, '-D', '-e', '-f', at('sshd_config')]
  const env = { ...process.env, ...(sshd.libraries === null ? {} : { LD_LIBRARY_PATH: sshd.libraries }) }
  const [program = '', ...words] = userInfo().uid === 0 ? asRoot(dir, start) : start
  const child = spawn(program, words, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env })
  let said = ''
  child.stderr.on('data', (data: Buffer) => {
    said += data
  })
  await untilListening(
    port,
    () => child.exitCode === null,
    () => `sshd did not start: ${said.trim()}`,
  )
  return { port, child }
}

/** As root sshd wants a user and a folder of its own; it gets them in a mount namespace, and the machine stays as it is. */
function asRoot(dir: string, start: readonly string[]): string[] {
  const passwd = join(dir, 'passwd')
  const others = 'sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n'
  writeFileSync(passwd, `root:*:0:0:root:${homedir()}:/bin/sh\n${others}`)
  const prepare = `mount -t tmpfs tmpfs /run && mkdir -m 0755 /run/sshd && mount --bind ${passwd} /etc/passwd && exec "$@"`
  return ['unshare', '-m', 'sh', '-c', prepare, 'sh', ...start]
}

/** What an attacker would reach: answers every connection. */
async function startServer(enter: readonly string[]): Promise<ChildProcess> {
  const code = `require('node:net').createServer((s) => s.on('error', () => {}).end('open')).listen(${SERVER_PORT}, '${SERVER}', () => console.log('listening'))`
  const child = spawn('nsenter', [...enter, process.execPath, '-e', code], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

async function connects(attackerPid: number, from: string): Promise<boolean> {
  const options = JSON.stringify({ host: SERVER, port: SERVER_PORT, localAddress: from, timeout: 2_000 })
  const code = `const s = require('node:net').connect(${options}, () => process.exit(0)); s.on('timeout', () => process.exit(1)); s.on('error', () => process.exit(1))`
  const enter = ['-t', String(attackerPid), '-U', '-n', '--preserve-credentials']
  const child = spawn('nsenter', [...enter, process.execPath, '-e', code], { stdio: 'ignore' })
  const [exitCode] = (await once(child, 'exit')) as [number | null]
  return exitCode === 0
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = once(child, 'exit')
  process.kill(-child.pid, 'SIGKILL')
  await Promise.race([ended, pause(5_000)])
}
