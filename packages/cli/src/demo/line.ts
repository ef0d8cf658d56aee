/** One frame that the story sends. */
export interface StoryLine {
  /** Source in the registry, or a name of its own for a sender that is refused. */
  source: string
  /** Loopback address it is sent from: sources are told apart by it. */
  from: string
  transport: 'udp' | 'tcp' | 'tcp-octet-counting' | 'tls'
  text: string
  /** What becomes of it at the door and behind. */
  fate: 'normalized' | 'rejected' | 'refused'
}

/** Where a source of the story sends from and how. */
export interface Sender {
  source: string
  from: string
  transport: StoryLine['transport']
}

/** Senders of the story; addresses as in deploy/registry/bodies.yaml. */
export const senders = {
  vnWeb: { source: 'vn-web', from: '127.1.0.1', transport: 'tcp' },
  vnWaf: { source: 'vn-waf', from: '127.1.0.2', transport: 'tcp-octet-counting' },
  vnFirewall: { source: 'vn-firewall', from: '127.1.0.3', transport: 'udp' },
  vnDefence: { source: 'vn-defence-log', from: '127.1.0.9', transport: 'udp' },
  kzSsh: { source: 'kz-ssh', from: '127.2.0.1', transport: 'udp' },
  kzFirewall: { source: 'kz-firewall', from: '127.2.0.2', transport: 'tcp' },
  kzWindows: { source: 'kz-windows', from: '127.2.0.3', transport: 'tls' },
  twIds: { source: 'tw-ids', from: '127.3.0.1', transport: 'tcp' },
  twFirewall: { source: 'tw-firewall', from: '127.3.0.2', transport: 'udp' },
  twDns: { source: 'tw-dns', from: '127.3.0.3', transport: 'udp' },
  stranger: { source: 'nobody', from: '127.9.9.9', transport: 'udp' },
} as const satisfies Record<string, Sender>

/** Takes a sender and a text; gives the frame. */
export function line(sender: Sender, text: string, fate: StoryLine['fate'] = 'normalized'): StoryLine {
  return { ...sender, text, fate }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (value: number): string => String(value).padStart(2, '0')

/** Local wall clock of an instant, `hours` east of UTC (the bodies of the story have no summer time). */
export function wall(atMs: number, hours: number) {
  const date = new Date(atMs + hours * 3_600_000)
  const [month, day, year] = [MONTHS[date.getUTCMonth()] ?? '', date.getUTCDate(), date.getUTCFullYear()]
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  return {
    /** RFC 3164: `Nov  2 09:14:03`. */
    syslog: `${month} ${String(day).padStart(2, ' ')} ${time}`,
    /** Common log format: `02/Nov/2026:09:14:03 +0700`. */
    access: `${two(day)}/${month}/${year}:${time} +${two(hours)}00`,
    /** `2026-11-02`. */
    date: `${year}-${two(date.getUTCMonth() + 1)}-${two(day)}`,
    time,
  }
}

/** Hours east of UTC of the bodies. */
export const ZONES = { vn: 7, kz: 5, tw: 8 } as const
