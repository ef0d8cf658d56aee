import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cefOf, readNmap } from '../src/scan/nmap.ts'
import { supportEnded } from '../src/scan/os-support.ts'

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
    'CEF:0|Nmap|Nmap|7|open-port|MySQL \\| X 5.7=a|3|dst=192.0.2.10 dhost=db-1.example.org dpt=3306 proto=tcp app=mysql rt=1780000060000 msg=MySQL | X 5.7\\=a',
  )
})

test('what is no report is refused, and nothing but a syntax error comes of any text', () => {
  assert.throws(() => readNmap('<a/>'), SyntaxError)
  assert.throws(() => readNmap('<nmaprun'), SyntaxError)
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('<', '>', '/', 'host', 'nmaprun', '"', ' a="', '<!--', '&#9;', 'port'), {
        maxLength: 60,
      }),
      (parts) => {
        try {
          readNmap(parts.join(''))
        } catch (error) {
          assert.ok(error instanceof SyntaxError)
        }
      },
    ),
  )
})

test('column 8 says which systems get no updates any more, on the day of asking', () => {
  const at = (os: string, day: string): string | null => supportEnded(os, Date.parse(`${day}T12:00:00Z`))
  assert.equal(at('Microsoft Windows Server 2012 R2 Standard', '2026-11-22'), '2023-10-10')
  assert.equal(at('Windows 10 Pro 22H2', '2025-10-14'), null)
  assert.equal(at('Windows 10 Pro 22H2', '2025-10-15'), '2025-10-14')
  assert.equal(at('Ubuntu Linux 20.04.6 LTS', '2026-11-22'), '2025-05-31')
  assert.equal(at('Debian GNU/Linux 12', '2026-11-22'), null)
  assert.equal(at('Example OS 12', '2026-11-22'), null)
})
