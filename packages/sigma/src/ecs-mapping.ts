import type { FieldMapping } from './mapping.ts'
import { recordFields } from './record-view.ts'

/** ECS names that parsers put into an event's `extra`, besides the typed fields of the record. */
const extraFields = [
  'event.severity',
  'user.effective.name',
  'user.target.domain',
  'user.target.id',
  'group.name',
  'service.name',
  'rule.ruleset',
  'process.working_directory',
  'process.parent.pid',
  'winlog.channel',
  'winlog.logon.type',
  'winlog.logon.id',
  'dns.response_code',
  'observer.ingress.interface.name',
  'observer.egress.interface.name',
  'tls.server.server_name',
  'tls.server.subject',
  'powershell.script_block_text',
  'process.tty.name',
  'tocsin.ssh.method',
  'tocsin.proxy.result',
  'packet.payload',
  'packet.raw',
]

/**
 * Fields of the Sigma taxonomy (appendix "Taxonomy") → names in our events, per log source. What a parser does not give is left out, so that a rule on
 * it is listed as unmapped instead of being silently dead.
 */
export const ecsMapping: FieldMapping = {
  version: '1',
  known: new Set([...recordFields, ...extraFields]),
  sources: [
    {
      logSource: { product: 'windows' },
      fields: {
        EventID: 'event.code',
        Channel: 'winlog.channel',
        Provider_Name: 'event.provider',
        Computer: 'host.name',
      },
    },
    {
      logSource: { product: 'windows', service: 'security' },
      fields: {
        IpAddress: 'source.ip',
        IpPort: 'source.port',
        WorkstationName: 'source.domain',
        LogonType: 'winlog.logon.type',
        TargetLogonId: 'winlog.logon.id',
        ServiceName: 'service.name',
        ProcessName: 'process.executable',
        NewProcessName: 'process.executable',
        ParentProcessName: 'process.parent.executable',
        CommandLine: 'process.command_line',
      },
    },
    ...['file_event', 'file_change', 'file_delete', 'file_rename', 'create_stream_hash'].map((category) => ({
      logSource: { product: 'windows', category },
      fields: { Image: 'process.executable', TargetFilename: 'file.path' },
    })),
    {
      logSource: { product: 'linux', category: 'file_event' },
      fields: { Image: 'process.executable', TargetFilename: 'file.path' },
    },
    ...['registry_event', 'registry_set', 'registry_add', 'registry_delete', 'registry_rename'].map((category) => ({
      logSource: { product: 'windows', category },
      fields: { Image: 'process.executable', TargetObject: 'registry.path' },
    })),
    ...['image_load', 'driver_load'].map((category) => ({
      logSource: { product: 'windows', category },
      fields: { Image: 'process.executable', ImageLoaded: 'file.path' },
    })),
    ...['process_access', 'create_remote_thread', 'raw_access_thread'].map((category) => ({
      logSource: { product: 'windows', category },
      fields: { SourceImage: 'process.executable', Image: 'process.executable' },
    })),
    {
      logSource: { category: 'network_connection' },
      fields: {
        Image: 'process.executable',
        SourceIp: 'source.ip',
        SourcePort: 'source.port',
        SourceHostname: 'source.domain',
        DestinationIp: 'destination.ip',
        DestinationPort: 'destination.port',
        DestinationHostname: 'destination.domain',
        Protocol: 'network.transport',
      },
    },
    {
      logSource: { category: 'dns_query' },
      fields: { Image: 'process.executable', QueryName: 'dns.question.name' },
    },
    {
      logSource: { product: 'windows', category: 'ps_script' },
      fields: { ScriptBlockText: 'powershell.script_block_text' },
    },
    {
      logSource: { category: 'process_creation' },
      fields: {
        Image: 'process.executable',
        CommandLine: 'process.command_line',
        ProcessId: 'process.pid',
        CurrentDirectory: 'process.working_directory',
        ParentImage: 'process.parent.executable',
        ParentCommandLine: 'process.parent.command_line',
        User: 'user.name',
      },
    },
    {
      logSource: { category: 'webserver' },
      fields: {
        'cs-method': 'http.request.method',
        'cs-uri': 'url.original',
        'cs-uri-query': 'url.original',
        'cs-uri-stem': 'url.original',
        'cs-user-agent': 'user_agent.original',
        'cs-referer': 'http.request.referrer',
        'cs-host': 'url.domain',
        'cs-username': 'user.name',
        'sc-status': 'http.response.status_code',
        'sc-bytes': 'http.response.body.bytes',
        'c-ip': 'source.ip',
      },
    },
    {
      logSource: { category: 'proxy' },
      fields: {
        'c-uri': 'url.original',
        'c-useragent': 'user_agent.original',
        'cs-method': 'http.request.method',
        'cs-host': 'url.domain',
        'cs-referrer': 'http.request.referrer',
        'cs-username': 'user.name',
        'sc-status': 'http.response.status_code',
        'c-ip': 'source.ip',
        dst_ip: 'destination.ip',
      },
    },
    {
      logSource: { category: 'dns' },
      fields: { query: 'dns.question.name', record_type: 'dns.question.type', c_ip: 'source.ip' },
    },
    {
      logSource: { category: 'firewall' },
      fields: {
        src_ip: 'source.ip',
        src_port: 'source.port',
        dst_ip: 'destination.ip',
        dst_port: 'destination.port',
        action: 'event.action',
        username: 'user.name',
      },
    },
  ],
}
