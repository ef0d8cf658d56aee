/**
 * Categories of Sigma's taxonomy (appendix "Log sources") that an event has by what it is, besides those that its parser named: rules for
 * Windows ask for `process_creation`, whatever program recorded it. By product, service and event code.
 */
const byCode: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'windows/security': { '4688': ['process_creation'] },
  'windows/sysmon': {
    '1': ['process_creation'],
    '2': ['file_change'],
    '3': ['network_connection'],
    '5': ['process_termination'],
    '6': ['driver_load'],
    '7': ['image_load'],
    '8': ['create_remote_thread'],
    '9': ['raw_access_thread'],
    '10': ['process_access'],
    '11': ['file_event'],
    '12': ['registry_event'],
    '13': ['registry_event', 'registry_set'],
    '14': ['registry_event', 'registry_rename'],
    '15': ['create_stream_hash'],
    '17': ['pipe_created'],
    '18': ['pipe_created'],
    '19': ['wmi_event'],
    '20': ['wmi_event'],
    '21': ['wmi_event'],
    '22': ['dns_query'],
    '23': ['file_delete'],
    '25': ['process_tampering'],
    '26': ['file_delete'],
  },
  'windows/powershell': { '4103': ['ps_module'], '4104': ['ps_script'] },
  'windows/powershell-classic': { '400': ['ps_classic_start'], '600': ['ps_classic_provider_start'] },
}

const none: readonly string[] = []

/** The categories that an event has by its code; often none. */
export function categoriesByCode(
  product: string | null,
  service: string | null,
  code: string | null,
): readonly string[] {
  if (code === null || product !== 'windows') return none
  return byCode[`${product}/${service}`]?.[code] ?? none
}
