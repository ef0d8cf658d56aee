import type { EventDraft } from '../draft.ts'
import type { Line, Parser } from '../parser.ts'
import { eventId, readWindowsHead } from './windows-security.ts'

interface Meaning {
  readonly action: string
  readonly category: string[]
  readonly type: string[]
}

/** Microsoft, Sysmon documentation, "Events". */
const sysmonMeanings: Record<string, Meaning> = {
  '1': { action: 'process_created', category: ['process'], type: ['start'] },
  '3': { action: 'network_connection', category: ['network'], type: ['connection', 'start', 'protocol'] },
  '5': { action: 'process_terminated', category: ['process'], type: ['end'] },
  '6': { action: 'driver_loaded', category: ['driver'], type: ['start'] },
  '7': { action: 'image_loaded', category: ['process'], type: ['change'] },
  '8': { action: 'remote_thread_created', category: ['process'], type: ['change'] },
  '10': { action: 'process_accessed', category: ['process'], type: ['access'] },
  '11': { action: 'file_created', category: ['file'], type: ['creation'] },
  '12': { action: 'registry_changed', category: ['registry'], type: ['change'] },
  '13': { action: 'registry_value_set', category: ['registry'], type: ['change'] },
  '15': { action: 'file_stream_created', category: ['file'], type: ['access'] },
  '17': { action: 'pipe_created', category: ['file'], type: ['creation'] },
  '18': { action: 'pipe_connected', category: ['file'], type: ['access'] },
  '22': { action: 'dns_query', category: ['network'], type: ['connection', 'protocol', 'info'] },
  '23': { action: 'file_deleted', category: ['file'], type: ['deletion'] },
  '26': { action: 'file_deleted', category: ['file'], type: ['deletion'] },
}

/** Any other Windows event (Sysmon for Windows and Linux, PowerShell, System, Application) in XML or JSON: head and named data. */
export const windowsEvent: Parser = {
  name: 'windows_event',
  log: { product: 'windows' },
  frames: ['json', 'xml'],
  recognises: (line) =>
    (line.frame.kind === 'xml' || line.frame.kind === 'json') &&
    eventId(line) !== undefined &&
    (line.value('Channel') ?? line.value('channel') ?? line.value('Provider.Name') ?? line.value('SourceName')) !==
      undefined,
  read(line, event) {
    const id = eventId(line)
    if (id === undefined) return false
    readWindowsHead(id, line, event)
    const channel = line.value('Channel') ?? line.value('channel') ?? ''
    event.set('tocsin.log.service', serviceOf(channel))
    // The process ids of the head are those of the logging service; the data names the one that acted.
    event.integer(
      'process.pid',
      line.value('EventData.ProcessId') ??
        line.value('event_data.ProcessId') ??
        line.value('Data.ProcessId') ??
        line.value('ProcessId'),
    )
    if (channel.includes('Sysmon')) readSysmon(id, line, event)
    else if (/PowerShell/i.test(channel)) readPowershell(line, event)
    return true
  },
}

function serviceOf(channel: string): string | undefined {
  if (channel.includes('Sysmon')) return 'sysmon'
  if (/PowerShell\/Operational/i.test(channel)) return 'powershell'
  if (/PowerShell/i.test(channel)) return 'powershell-classic'
  return channel === '' ? undefined : channel.toLowerCase()
}

function readSysmon(id: string, line: Line, event: EventDraft): void {
  const meaning = sysmonMeanings[id]
  if (meaning !== undefined) event.classify([...meaning.category], [...meaning.type], meaning.action)
  event.set('process.executable', line.value('Image') ?? line.value('SourceImage'))
  event.set('process.command_line', line.value('CommandLine'))
  event.set('process.parent.executable', line.value('ParentImage'))
  event.set('process.parent.command_line', line.value('ParentCommandLine'))
  event.endpoint('source', line.value('SourceIp'), line.value('SourcePort'))
  event.endpoint('destination', line.value('DestinationIp'), line.value('DestinationPort'))
  event.set('source.domain', line.value('SourceHostname'))
  event.set('destination.domain', line.value('DestinationHostname'))
  event.set('network.transport', line.value('Protocol'))
  event.set('file.path', id === '6' || id === '7' ? line.value('ImageLoaded') : line.value('TargetFilename'))
  event.set('dns.question.name', line.value('QueryName'))
  if (id === '22') event.set('network.protocol', 'dns')
  event.set('registry.path', line.value('TargetObject'))
}

function readPowershell(line: Line, event: EventDraft): void {
  const text = line.value('ContextInfo') ?? line.value('Payload') ?? line.message.slice(0, 32_768)
  const application = /(?:HostApplication|Host Application)\s?=\s?([^\r\n]{1,8192})/.exec(text)?.[1]
  event.classify(['process'], ['info'])
  event.set('process.command_line', application)
  event.set('powershell.script_block_text', line.value('ScriptBlockText'))
}
