import type { Parser } from '../parser.ts'
import { auditd } from './auditd.ts'
import { bind } from './bind.ts'
import { ciscoAsa } from './cisco-asa.ts'
import { coredns } from './coredns.ts'
import { filterlog } from './filterlog.ts'
import { fortigate } from './fortigate.ts'
import { iptables } from './iptables.ts'
import { linuxAuth } from './linux-auth.ts'
import { modsecurity } from './modsecurity.ts'
import { panos } from './panos.ts'
import { postgresql } from './postgresql.ts'
import { snort } from './snort.ts'
import { squid } from './squid.ts'
import { sshd } from './sshd.ts'
import { sudo } from './sudo.ts'
import { suricata } from './suricata.ts'
import { w3cWeb } from './w3c-web.ts'
import { webAccess } from './web-access.ts'
import { webError } from './web-error.ts'
import { windowsEvent } from './windows-event.ts'
import { windowsSecurity } from './windows-security.ts'

/** The formats, in the order tried; the first that recognises and reads a line has it. Nothing registers itself elsewhere. */
export const parsers: readonly Parser[] = [
  sshd,
  sudo,
  linuxAuth,
  ciscoAsa,
  fortigate,
  suricata,
  windowsSecurity,
  windowsEvent,
  auditd,
  iptables,
  modsecurity,
  webAccess,
  webError,
  bind,
  coredns,
  snort,
  panos,
  filterlog,
  squid,
  w3cWeb,
  postgresql,
]
