// A shift's worth of cases over the bodies of the demo story, for the page's tests and its picture.
import type { Detection } from '@tocsin/events'
import { detectionOf, side } from './detections.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Detections before `now`: some fresh, some near their limits, one past it. */
export function story(now: number): Detection[] {
  const stamp = (at: number): string => new Date(at).toISOString().slice(0, 19)
  const guesser = '203.0.113.77'
  const failed = Array.from(
    { length: 12 },
    (_, n) =>
      `<86>${stamp(now - 100_000 + n * 1000)}Z gw1 sshd[4711]: Failed password for root from ${guesser} port ${51000 + n} ssh2`,
  )
  return [
    detectionOf({
      constituent: 'kz-ministry',
      rule: ['identity/ssh-password-guessing.yml', 'SSH password guessing that succeeds'],
      at: now - 26 * MINUTE,
      source: guesser,
      lines: [
        ...failed,
        `<86>${stamp(now - 86_000)}Z gw1 sshd[4711]: Accepted password for root from ${guesser} port 51999 ssh2`,
      ],
      participants: [
        side('source', guesser, 13, { country: 'NL', asn: 64_500 }),
        side('target', '192.0.2.40', 13, { host: 'gw1', port: 22, account: 'root' }),
      ],
      change: { systemIds: ['kz-gateway'], assetIds: ['kz-gateway-1'], deviceName: 'gw1 (OpenSSH)' },
    }),
    detectionOf({
      constituent: 'vn-portal',
      rule: ['web/attack-passed-waf.yml', 'Web attack that passed the firewall'],
      at: now - 2 * MINUTE,
      source: '198.51.100.66',
      lines: [
        `<131>waf1 modsecurity: [client 198.51.100.66:40112] ModSecurity: Warning. detected SQLi using libinjection. [id "942100"] [msg "SQL Injection Attack Detected via libinjection"] [severity "CRITICAL"] [hostname "dichvucong.example"] [uri "/ho-so/tra-cuu"]`,
        `<134>web1 nginx: 198.51.100.66 - - "GET /ho-so/tra-cuu?ma=1'%20or%20'1'='1 HTTP/1.1" 200 48213 "-" "Mozilla/5.0\u001b[31m\u202ednE"`,
      ],
      participants: [
        side('source', '198.51.100.66', 2, { country: 'DE', asn: 64_496 }),
        side('target', '192.0.2.10', 2, { host: 'web1', port: 443 }),
      ],
      change: { systemIds: ['vn-portal-web'], assetIds: ['vn-portal-web-1'], deviceName: 'waf1 (ModSecurity)' },
    }),
    detectionOf({
      constituent: 'tw-agency',
      rule: ['intel/indicator-address.yml', 'Beacon to a listed address'],
      at: now - MINUTE,
      source: '10.0.0.5',
      lines: Array.from(
        { length: 10 },
        (_, n) =>
          `<4>fw01 kernel: [FW-ACCEPT] IN=eth1 OUT=eth0 SRC=10.0.0.5 DST=198.51.100.200 LEN=60 TTL=63 PROTO=TCP SPT=${50100 + n} DPT=443 SYN`,
      ),
      participants: [
        side('source', '10.0.0.5', 10, { host: 'tw-pc-05' }),
        side('c2', '198.51.100.200', 10, { country: 'SE', port: 443 }),
      ],
      change: { systemIds: ['tw-services'], assetIds: ['tw-ws-5'], deviceName: 'FW-01 (iptables)' },
    }),
    detectionOf({
      constituent: 'tw-agency',
      rule: ['network/port-scan.yml', 'Scan seen by firewall and IDS'],
      at: now - 71 * MINUTE,
      source: '203.0.113.150',
      lines: Array.from(
        { length: 30 },
        (_, n) => `<4>fw01 kernel: [FW-DROP] SRC=203.0.113.150 DST=192.0.2.70 PROTO=TCP SPT=44123 DPT=${20 + n * 7}`,
      ),
      change: { systemIds: ['tw-services'], deviceName: 'IDS-03 (Suricata 7)' },
    }),
    detectionOf({
      constituent: 'kz-ministry',
      rule: ['windows/member-added-to-admins.yml', 'Member added to an administrators group'],
      at: now - 22 * MINUTE,
      source: '10.0.0.5',
      lines: [
        '{"EventID":4732,"Computer":"dc1","SubjectUserName":"svc-backup","MemberName":"CN=t.user","TargetUserName":"Administrators"}',
      ],
      change: { systemIds: ['kz-gateway'], deviceName: 'dc1 (Windows)' },
    }),
    detectionOf({
      constituent: 'kz-ministry',
      rule: ['network/asa-admin-login-denied.yml', 'Cisco ASA administrator login denied'],
      at: now - 4 * MINUTE,
      source: '203.0.113.20',
      lines: [
        '<164>asa1 : %ASA-6-605004: Login denied from 203.0.113.20/52117 to outside:192.0.2.41/ssh for user "admin"',
      ],
      change: { systemIds: ['kz-gateway'], severity: 50, level: 'medium', deviceName: 'asa1 (Cisco ASA)' },
    }),
    detectionOf({
      constituent: 'vn-portal',
      rule: ['web/scanner-user-agent.yml', 'Attack tool in the user agent'],
      at: now - 2 * HOUR,
      source: '198.51.100.23',
      lines: ['<134>web1 nginx: 198.51.100.23 - - "GET /wp-login.php HTTP/1.1" 404 153 "-" "sqlmap/1.8"'],
      change: { systemIds: ['vn-portal-web'], deviceName: 'web1 (nginx)', exercise: true },
    }),
  ]
}
