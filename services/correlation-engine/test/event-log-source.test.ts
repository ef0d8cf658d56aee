import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ecsMapping, viewOfRecord } from '@tocsin/sigma'
import { logSourceOf } from '../src/event-log-source.ts'
import { loadRules } from '../src/load-rules.ts'
import { enrichedWith } from './enriched-events.ts'

const rule = (category: string, item: string): string =>
  `title: ${category}\nlogsource:\n  product: windows\n  category: ${category}\ndetection:\n  s:\n    ${item}\n  condition: s\n`
const { rules } = loadRules(
  [
    {
      file: 'x.yml',
      text: [
        rule('process_creation', "Image|endswith: '\\whoami.exe'"),
        rule('network_connection', 'DestinationPort: 4444'),
        rule('registry_set', "TargetObject|contains: '\\Run\\'"),
        rule('image_load', "ImageLoaded|endswith: '\\bad.dll'"),
        rule('file_event', "TargetFilename|endswith: '.lnk'"),
        rule('ps_script', 'ScriptBlockText|contains: DownloadString'),
        rule('dns_query', 'QueryName|endswith: .example'),
      ].join('---\n'),
    },
  ],
  {},
  ecsMapping,
)
const matched = (service: string, code: string, fields: Parameters<typeof enrichedWith>[0]): string[] => {
  const event = enrichedWith({ logProduct: 'windows', logService: service, event_code: code, ...fields })
  return rules.match(viewOfRecord(event), logSourceOf(event)).map(({ title }) => title)
}

test('SIG-R4 SIG-R16 rules of the taxonomy’s categories meet our Windows events by what these are', () => {
  assert.deepEqual(rules.unmapped, [])
  const executable = 'C:\\Windows\\System32\\whoami.exe'
  assert.deepEqual(matched('security', '4688', { process_executable: executable }), ['process_creation'])
  assert.deepEqual(matched('sysmon', '1', { process_executable: executable }), ['process_creation'])
  assert.deepEqual(matched('sysmon', '5', { process_executable: executable }), [])
  assert.deepEqual(matched('sysmon', '3', { destination_port: 4_444 }), ['network_connection'])
  assert.deepEqual(matched('sysmon', '13', { registry_path: 'HKLM\\Run\\x' }), ['registry_set'])
  assert.deepEqual(matched('sysmon', '7', { file_path: 'C:\\x\\bad.dll' }), ['image_load'])
  assert.deepEqual(matched('sysmon', '11', { file_path: 'C:\\x\\a.lnk' }), ['file_event'])
  assert.deepEqual(matched('sysmon', '22', { dns_question_name: 'c2.example' }), ['dns_query'])
  const script = { extra: { 'powershell.script_block_text': 'x.DownloadString(y)' } }
  assert.deepEqual(matched('powershell', '4104', script), ['ps_script'])
})

test('a record with a packet is of category network too, and any other has the categories that its parser named', () => {
  const packet = enrichedWith({ logCategory: ['ids'], extra: { 'packet.payload': 'aGk=' } })
  assert.deepEqual(logSourceOf(packet).category, ['ids', 'network'])
  assert.deepEqual(logSourceOf(enrichedWith({ logCategory: ['dns'], event_code: '1' })).category, ['dns'])
})
