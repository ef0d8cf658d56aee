import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCsv } from '@tocsin/sheets'
import fc from 'fast-check'
import { cefOf } from '../src/scan/finding.ts'
import { readInspection } from '../src/scan/inspection.ts'
import { readNmap } from '../src/scan/nmap.ts'
import { supportEnded } from '../src/scan/os-support.ts'
import { readScanReport } from '../src/scan/report-formats.ts'

const report = `<?xml version="1.0"?><!DOCTYPE nmaprun [<!ENTITY x "y">]>
<!-- <host> in a comment -->
<nmaprun scanner="nmap" args="nmap -oX - 192.0.2.0/24">
<host starttime="1780000000" endtime="1780000060"><status state="up"/><address addr="192.0.2.10" addrtype="ipv4"/>
<address addr="00:00:5E:00:53:01" addrtype="mac"/><hostnames><hostname name="db-1.example.org" type="PTR"/></hostnames>
<ports><port protocol="tcp" portid="3306"><state state="open"/><service name="mysql" product="MySQL | X" version="5.7=a"/>
<script id="vulners" output="CVE-2020-14812&#10;CVE-2020-14812 &gt; CVE-2021-2144"/></port>
<port protocol="tcp" portid="23"><state state="closed"/><service name="telnet"/></port></ports>
<os><osmatch name="Linux 4.15" accuracy="96"/><osmatch name="Linux 2.6" accuracy="90"/></os></host>
<host><status state="down"/><address addr="192.0.2.11" addrtype="ipv4"/><ports><port protocol="tcp" portid="1"><state state="open"/></port></ports></host>
</nmaprun>`

test('open ports, vulnerabilities and the likeliest system of hosts that are up are read from a report of Nmap', () => {
  assert.deepEqual(
    readNmap(report).map(({ kind, address, port, name, at }) => [kind, address, port, name, at]),
    [
      ['vulnerability', '192.0.2.10', 3306, 'CVE-2020-14812', 1_780_000_060_000],
      ['vulnerability', '192.0.2.10', 3306, 'CVE-2021-2144', 1_780_000_060_000],
      ['open-port', '192.0.2.10', 3306, 'MySQL | X 5.7=a', 1_780_000_060_000],
      ['operating-system', '192.0.2.10', null, 'Linux 4.15', 1_780_000_060_000],
    ],
  )
})

test('a finding becomes a line in CEF with its signs escaped', () => {
  const [, , port] = readNmap(report)
  assert.ok(port)
  assert.equal(
    cefOf(port),
    'CEF:0|Nmap|Network scan|1|open-port|MySQL \\| X 5.7=a|3|dst=192.0.2.10 dhost=db-1.example.org dpt=3306 proto=tcp app=mysql rt=1780000060000 msg=MySQL | X 5.7\\=a',
  )
})

const openVas = `<get_reports_response status="200"><report id="r"><report id="r"><scan_end>2026-11-20T08:00:00Z</scan_end><results>
<result id="1"><name>TLS</name><host>192.0.2.10<asset asset_id="a"/><hostname>web.example.org</hostname></host><port>443/tcp</port>
<nvt oid="1.3.6.1.4.1.25623.1.0.1"><name>TLS: &quot;old&quot; version</name><refs><ref type="cve" id="CVE-2016-2183"/><ref type="cve" id="CVE-2016-6329"/><ref type="url" id="CVE-1999-0001"/></refs></nvt>
<threat>High</threat><severity>7.5</severity></result>
<result id="2"><host>192.0.2.10</host><port>general/tcp</port><nvt><name><![CDATA[Default <password>]]></name></nvt><threat>Medium</threat><severity>5.0</severity></result>
<result id="3"><host>192.0.2.10</host><port>80/tcp</port><nvt><name>A log line</name></nvt><threat>Log</threat><severity>0.0</severity></result>
<result id="4"><host>192.0.2.10</host><port>80/tcp</port><nvt><name>No</name></nvt><threat>False Positive</threat><severity>9.0</severity></result>
</results></report></report></get_reports_response>`

const nessus = `<?xml version="1.0" ?><NessusClientData_v2><Policy><policyName>p</policyName></Policy><Report name="x">
<ReportHost name="db"><HostProperties><tag name="host-ip">192.0.2.20</tag><tag name="HOST_END_TIMESTAMP">1780000000</tag><tag name="operating-system">Windows Server 2012 R2
Windows 8.1</tag><tag name="host-fqdn">db.example.org</tag></HostProperties>
<ReportItem port="445" svc_name="cifs" protocol="tcp" severity="0" pluginID="11219" pluginName="SYN scanner" pluginFamily="Port scanners"></ReportItem>
<ReportItem port="445" svc_name="cifs" protocol="tcp" severity="4" pluginID="97833" pluginName="MS17-010" pluginFamily="Windows"><cvss3_base_score>8.1</cvss3_base_score><cve>CVE-2017-0143</cve><cve>CVE-2017-0144</cve></ReportItem>
<ReportItem port="3389" svc_name="msrdp" protocol="tcp" severity="2" pluginID="1" pluginName="Weak &lt;cipher&gt;" pluginFamily="General"><cvss_base_score>4.3</cvss_base_score></ReportItem>
<ReportItem port="0" svc_name="general" protocol="tcp" severity="0" pluginID="2" pluginName="Info" pluginFamily="General"/></ReportHost></Report></NessusClientData_v2>`

test('VN-4.3b results of OpenVAS and Nessus are read as those of Nmap are: ports, vulnerabilities, weaknesses, systems', () => {
  const rows = (text: string) =>
    readScanReport(text).map(({ scanner, kind, address, hostname, port, name, at, score }) =>
      [scanner, kind, address, hostname, port, name, at === null ? null : new Date(at).toISOString(), score].join(
        ' | ',
      ),
    )
  assert.deepEqual(rows(openVas), [
    'OpenVAS | vulnerability | 192.0.2.10 | web.example.org | 443 | CVE-2016-2183 | 2026-11-20T08:00:00.000Z | 7.5',
    'OpenVAS | vulnerability | 192.0.2.10 | web.example.org | 443 | CVE-2016-6329 | 2026-11-20T08:00:00.000Z | 7.5',
    'OpenVAS | weakness | 192.0.2.10 |  |  | Default <password> | 2026-11-20T08:00:00.000Z | 5',
  ])
  assert.deepEqual(rows(nessus), [
    'Nessus | vulnerability | 192.0.2.20 | db.example.org | 445 | CVE-2017-0143 | 2026-05-28T20:26:40.000Z | 8.1',
    'Nessus | vulnerability | 192.0.2.20 | db.example.org | 445 | CVE-2017-0144 | 2026-05-28T20:26:40.000Z | 8.1',
    'Nessus | weakness | 192.0.2.20 | db.example.org | 3389 | Weak <cipher> | 2026-05-28T20:26:40.000Z | 4.3',
    'Nessus | open-port | 192.0.2.20 | db.example.org | 445 |  | 2026-05-28T20:26:40.000Z | ',
    'Nessus | operating-system | 192.0.2.20 | db.example.org |  | Windows Server 2012 R2 | 2026-05-28T20:26:40.000Z | ',
  ])
  assert.deepEqual(readScanReport(report), readNmap(report))
})

test('VN-4.3b an inspection is entered by a form with date and inspector; a faulty row never stops the others', () => {
  const form =
    'date;inspector;mode;address;port;finding;score;remark\n' +
    '2026-11-20;Nguyen Van A;on-site;192.0.2.30;23/tcp;open port;;behind no wall\n' +
    '2026-11-20T09:30:00+07:00;Nguyen Van A;remote;192.0.2.30;;"Console password; none";6.5;\n' +
    '20.11.2026;B;;192.0.2.30;;x;;\n2026-11-20;;;192.0.2.30;;x;;\n2026-11-20;B;;office;;x;;\n2026-11-20;B;;192.0.2.30;70000;x;;\n2026-11-20;B;by hand;192.0.2.30;;x;;\n2026-11-20;B;;192.0.2.30;;;;\n2026-11-20;B;;192.0.2.30;;x;11;\n'
  const { findings, faults } = readInspection(readCsv(form))
  assert.deepEqual(findings.map(cefOf), [
    'CEF:0|inspection|Network scan|1|open-port|open port|3|dst=192.0.2.30 dpt=23 proto=tcp rt=1795132800000 suser=Nguyen Van A reason=on-site msg=behind no wall',
    'CEF:0|inspection|Network scan|1|weakness|Console password; none|7|dst=192.0.2.30 rt=1795141800000 suser=Nguyen Van A reason=remote msg=Console password; none',
  ])
  assert.deepEqual(faults, [
    'line 4: "20.11.2026" is no date such as 2026-11-22',
    'line 5: the inspector is missing',
    'line 6: "office" is no address',
    'line 7: "70000" is no port such as 3306/tcp',
    'line 8: the mode "by hand" is neither on-site nor remote',
    'line 9: the finding is missing',
    'line 10: "11" is no score between 0 and 10',
  ])
  assert.deepEqual(readInspection(readCsv('date,address\n')).faults, [
    'line 1: the columns inspector, finding are missing',
  ])
})

test('what is no report is refused, and nothing but a syntax error comes of any text', () => {
  assert.throws(() => readScanReport('<a/>'), /it is a report of none of Nmap/)
  assert.throws(() => readScanReport('<nmaprun '), SyntaxError)
  const parts = [
    '<',
    '>',
    '/',
    'host',
    'nmaprun ',
    'report>',
    'NessusClientData_v2>',
    'ReportHost>',
    'ReportItem ',
    '"',
  ]
  const more = [
    ' a="',
    '<!--',
    '&#9;',
    'port',
    '<result>',
    '</result>',
    '<![CDATA[',
    ']]>',
    '</host>',
    '<tag name="x">',
  ]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...parts, ...more), { maxLength: 60 }), (words) => {
      for (const root of ['<nmaprun>', '<report>', '<NessusClientData_v2>']) {
        try {
          readScanReport(root + words.join(''))
        } catch (error) {
          assert.ok(error instanceof SyntaxError)
        }
      }
    }),
  )
})

test('what stands in a section of characters is text as it is, however often a comment seems to begin in it', () => {
  const nameOf = (name: string): string | null | undefined =>
    readScanReport(
      `<report><result><host>192.0.2.10</host><nvt><name>${name}</name></nvt><severity>5.0</severity></result></report>`,
    )[0]?.name
  assert.equal(nameOf('a <!-- not --> &lt;b&gt; <![CDATA[<!-- &amp; -->]]> c'), 'a  <b> <!-- &amp; --> c')
  const banner = '<!--'.repeat(200_000)
  assert.equal(nameOf(`<![CDATA[${banner}]]>`), banner)
})

test('KZ-12d column 8 says which systems get no updates any more, on the day of asking', () => {
  const at = (os: string, day: string): string | null => supportEnded(os, Date.parse(`${day}T12:00:00Z`))
  assert.equal(at('Microsoft Windows Server 2012 R2 Standard', '2026-11-22'), '2023-10-10')
  assert.equal(at('Windows 10 Pro 22H2', '2025-10-14'), null)
  assert.equal(at('Windows 10 Pro 22H2', '2025-10-15'), '2025-10-14')
  assert.equal(at('Ubuntu Linux 20.04.6 LTS', '2026-11-22'), '2025-05-31')
  assert.equal(at('Debian GNU/Linux 12', '2026-11-22'), null)
  assert.equal(at('Example OS 12', '2026-11-22'), null)
})
