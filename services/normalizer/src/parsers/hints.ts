import type { Parser } from '../parser.ts'

/** Device labels of the registry of sources and the parser that reads them, where the names differ. */
const parserOfDevice: Record<string, string> = {
  apache_access: 'web_access',
  nginx_access: 'web_access',
  nginx_ingress: 'web_access',
  traefik: 'web_access',
  tomcat: 'web_access',
  apache_error: 'web_error',
  nginx_error: 'web_error',
  iis: 'w3c_web',
  panw_panos: 'panos',
  pfsense: 'filterlog',
  linux_auditd: 'auditd',
  windows_sysmon: 'windows_event',
  windows_powershell: 'windows_event',
  sysmon_linux: 'windows_event',
  cisco_ftd: 'cisco_asa',
  fortinet_fortigate: 'fortigate',
}

/** The parser that a source's hint names; undefined when the hint is unknown, which is no error: structure decides then. */
export function parserOfHint(hint: string, parsers: readonly Parser[]): Parser | undefined {
  const plain = hint.toLowerCase().replaceAll('-', '_')
  const name = Object.hasOwn(parserOfDevice, plain) ? parserOfDevice[plain] : plain
  return parsers.find((parser) => parser.name === name)
}
