/** Names of ATT&CK techniques that our rules use; an id that is not here is printed alone. */
const NAMES: Readonly<Record<string, string>> = {
  T1003: 'OS Credential Dumping',
  T1021: 'Remote Services',
  T1041: 'Exfiltration Over C2 Channel',
  T1046: 'Network Service Discovery',
  T1048: 'Exfiltration Over Alternative Protocol',
  T1053: 'Scheduled Task/Job',
  T1059: 'Command and Scripting Interpreter',
  T1068: 'Exploitation for Privilege Escalation',
  T1070: 'Indicator Removal',
  T1071: 'Application Layer Protocol',
  T1078: 'Valid Accounts',
  T1090: 'Proxy',
  T1105: 'Ingress Tool Transfer',
  T1110: 'Brute Force',
  T1133: 'External Remote Services',
  T1136: 'Create Account',
  T1190: 'Exploit Public-Facing Application',
  T1203: 'Exploitation for Client Execution',
  T1204: 'User Execution',
  T1486: 'Data Encrypted for Impact',
  T1498: 'Network Denial of Service',
  T1499: 'Endpoint Denial of Service',
  T1505: 'Server Software Component',
  T1543: 'Create or Modify System Process',
  T1548: 'Abuse Elevation Control Mechanism',
  T1566: 'Phishing',
  T1568: 'Dynamic Resolution',
  T1572: 'Protocol Tunneling',
  T1595: 'Active Scanning',
}

/** What an ATT&CK technique id looks like: T1110 or T1110.001. */
export const TECHNIQUE_ID = /^T\d{4}(\.\d{3})?$/

/** Takes technique ids as rules write them; gives `T1110 Brute Force; T1595`, without what is no technique id. */
export function techniquesText(techniques: readonly string[]): string {
  const ids = new Set(techniques.map((technique) => technique.replace(/^attack\./i, '').toUpperCase()))
  return [...ids]
    .filter((id) => TECHNIQUE_ID.test(id))
    .map((id) => {
      const name = NAMES[id.slice(0, 5)]
      return name === undefined ? id : `${id} ${name}`
    })
    .join('; ')
}
