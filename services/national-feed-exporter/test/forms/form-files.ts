import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { type Account, act, TEST_ITEMS } from '../../src/account/account.ts'
import { selfCheck } from '../../src/self-check.ts'
import { account } from '../account/example-account.ts'
import { runCommand } from '../command-run.ts'
import { constituent, defaultRuleSet, NOW, source } from '../fixtures.ts'
import { cut } from '../receiving/receiving-world.ts'

export const base = mkdtempSync(join(tmpdir(), 'tocsin-forms-'))
after(() => rmSync(base, { recursive: true }))

const DAY_MS = 86_400_000

/** An account in the middle of its life, with everything that a form can show. */
export function fullAccount(): Account {
  const start = account({
    oid: '2.16.886.101.90001',
    endpoint: { address: '192.0.2.21', directory: '/soc', user: 'example-soc' },
    validFrom: '2026-11-01',
    validTo: '2027-10-31',
    consent: {
      by: '範例人員',
      signedOn: '2026-11-01',
      purpose: '聯防監控事件通報聯絡',
      territory: '中華民國境內',
      users: '技服中心',
      planEnds: '2027-12-31',
      deletedOn: null,
      deletionProof: null,
    },
  })
  const tested = TEST_ITEMS.reduce(
    (at, item) => act(at, { kind: 'test', by: '測試員甲', item, passed: true, remark: `備註 ${item}` }, NOW),
    act(start, { kind: 'confirm', by: '確認人乙' }, NOW),
  )
  const passed = act(tested, { kind: 'outcome', by: '主管丙', passed: true }, NOW)
  const issue = {
    issueId: 'Q-2026-7',
    name: '清單更新逾時',
    severity: '高',
    form: '不定期檢測',
    occurredOn: '2026-11-20',
    tester: '檢測員丁',
    description: '服務清單變更後 3 小時始更新\n<b>&"x"',
    suggestion: '改為即時更新',
    reference: '檢核表 2-2',
    dueAt: NOW + 10 * DAY_MS,
  } as const
  const opened = act(passed, { kind: 'open-issue', by: '檢測員丁', issue }, NOW)
  const first = act(
    opened,
    { kind: 'recheck', by: '複測員戊', issueId: 'Q-2026-7', day: '2026-11-24', passed: false },
    NOW,
  )
  return act(first, { kind: 'recheck', by: '複測員己', issueId: 'Q-2026-7', day: '2026-11-26', passed: true }, NOW)
}

const tickets = [1, 2, 3].map((index) => {
  const { ticket } = cut(`EXSOC-20261122-00000${index}`)
  return { ...ticket, state: 'uploaded', stateAt: NOW + 60_000 }
})

/** Makes the four forms by the real command; gives their folder. */
export async function makeForms(
  kinds: string,
  record: Account = fullAccount(),
): Promise<{ dir: string; errors: string }> {
  const dir = mkdtempSync(join(base, 'out-'))
  const file = join(dir, 'account.json')
  const registry = join(dir, 'registry.json')
  const ledger = join(dir, 'tickets.ndjson')
  const check = join(dir, '2026H2.json')
  writeFileSync(file, JSON.stringify(record))
  writeFileSync(
    registry,
    JSON.stringify({ constituents: [constituent()], sources: [source()], ruleSets: [defaultRuleSet()] }),
  )
  writeFileSync(ledger, tickets.map((ticket) => JSON.stringify(ticket)).join('\n'))
  const [missing, ...found] = tickets
  const period = {
    id: '2026H2',
    from: Date.parse('2026-07-01T00:00:00+08:00'),
    to: Date.parse('2027-01-01T00:00:00+08:00'),
  }
  const files = found.map(({ fileName, bytes, sha256 }) => ({ name: fileName, bytes, sha256 }))
  const self = selfCheck(period, period.to, { tickets, deliveries: [], lists: [] }, 'ftps://192.0.2.21:21', files)
  writeFileSync(check, JSON.stringify({ ...self, missing: missing?.fileName }))
  let errors = ''
  for (const words of [
    ['4', '--registry', registry],
    ['5', '--ledger', ledger],
    ['6', '--check', check, '--officer', '主管丙'],
    ['7', '--issue', 'Q-2026-7'],
  ]) {
    const { code, err } = await runCommand('feed form', [...words, '--file', file, '--as', kinds, '--out', dir])
    if (code !== 0) errors += err
  }
  return { dir, errors }
}

/** What each form must say (requirements of the SOP's appendices), in the order of the form. */
export const EXPECTED: Readonly<Record<number, readonly string[]>> = {
  4: [
    '☑ SOC 業者',
    '☐ 自建 SOC 單位',
    '☐ 其他',
    '☑ 新申請',
    '☐ 增加服務項目',
    '☐ 終止服務',
    '☐ 暫停服務',
    '☐ 恢復服務',
    '範例資安監控中心',
    '2.16.886.101.90001',
    '臺北市中正區範例路 1 號',
    '主要聯絡人',
    '範例人員',
    '資安組',
    '02-0000-0000',
    'soc@example.tw',
    '☑ 已瞭解作業內容',
    '網路架構圖',
    '☑ 附監控機關清單',
    '單位用印',
    '使用者編號',
    '2.16.886.101.20003',
    '行政院',
    '☑ 新增帳號',
    '☐ 帳號異動',
    '☐ 刪除帳號',
    '短期：2026-11-01 至 2027-10-31',
    '192.0.2.21',
    '/soc',
    'example-soc',
    '另以其他管道通知',
    '個人資料使用同意書',
    '聯防監控事件通報聯絡',
    '2027-12-31',
    '技服中心',
    '中華民國境內',
    '停止蒐集處理利用',
  ],
  5: [
    '範例資安監控中心',
    '2.16.886.101.90001',
    '1.0/',
    '192.0.2.21 /soc',
    '通過',
    '測試員甲',
    '主管丙',
    ...TEST_ITEMS,
    ...TEST_ITEMS.map((item) => `備註 ${item}`),
    '首次成功上傳',
    '計 1 日、3 個檔案',
    '已上傳 3 個檔案',
    '最晚 8 分鐘',
    '逾 1 小時 0 張',
  ],
  6: [
    'EXAMPLE-SOC-2026H2',
    '範例資安監控中心',
    '2026-07-01 00:00:00.0',
    '2026-12-31 23:59:59.9',
    '未通過',
    '2-1',
    '2-2',
    '事件單 3 張',
    '主管丙',
    '20261122',
    'missing',
    'EXSOC-20261122-000001.xml',
  ],
  7: [
    'Q-2026-7',
    '清單更新逾時',
    '範例資安監控中心',
    '不定期檢測',
    '2026-11-20',
    '高',
    '檢測員丁',
    '服務清單變更後 3 小時始更新',
    '<b>&"x"',
    '改為即時更新',
    '檢核表 2-2',
    '第 1 次',
    '2026-11-24',
    '未通過',
    '複測員戊',
    '第 2 次',
    '2026-11-26',
    '複測員己',
    '是否結案',
    '否',
  ],
}

const DOCX_READER = `
import sys, zipfile, xml.etree.ElementTree as ET
W = '{http://schemas.openxmlformats.org/wordprocessingml/2006/main}'
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
root = ET.fromstring(z.read('word/document.xml'))
print('\\n'.join(''.join(t.text or '' for t in p.iter(W + 't')) for p in root.iter(W + 'p')))
`

/** Text of a form as a program that is not ours reads it: Python for DOCX, poppler for PDF. */
export function textOf(path: string): string {
  if (path.endsWith('.html')) return readFileSync(path, 'utf8')
  return path.endsWith('.docx')
    ? execFileSync('python3', ['-c', DOCX_READER, path], { encoding: 'utf8' })
    : execFileSync('pdftotext', ['-raw', path, '-'], { encoding: 'utf8' })
}

/** Gives what a form should say and does not (H-DOC). Blanks are left out: a page breaks lines where it likes. */
export function missingIn(text: string, expected: readonly string[]): string[] {
  const plain = (words: string) => words.normalize('NFKC').replace(/\s+/g, '')
  const all = plain(text)
  return expected.filter((words) => !all.includes(plain(words)))
}
