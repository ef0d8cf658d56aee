import { type Account, type Issue, TEST_ITEMS } from '../account/account.ts'
import type { TestProgress } from '../feeds/tw-nccst-1.3/progress.ts'
import { taipeiTime } from '../feeds/tw-nccst-1.3/taipei-time.ts'
import type { SelfCheck } from '../self-check.ts'
import { type Form, passText } from './form.ts'

const dayOf = (at: number): string => taipeiTime(at).slice(0, 10)
const ticks = <Key extends string>(options: Readonly<Record<Key, string>>, chosen: string) =>
  Object.entries<string>(options).map(([key, label]) => ({ label, ticked: key === chosen }))

/** What is applied for (Appendix 4). */
export const REQUESTS = {
  new: '新申請',
  'add-service': '增加服務項目',
  terminate: '終止服務',
  suspend: '暫停服務',
  resume: '恢復服務',
  other: '其他',
} as const
const ACCOUNT_REQUESTS = { new: '新增帳號', change: '帳號異動', delete: '刪除帳號' } as const
const USER_TYPES = { 'self-built': '自建 SOC 單位', provider: 'SOC 業者', other: '其他' } as const
const CONTACTS = { applicant: '申請人', main: '主要聯絡人', second: '第二聯絡人' } as const
const CONFIRMATIONS = ['已瞭解作業內容', '文件備妥（公文及網路架構圖）', '已指派聯絡人', '附監控機關清單', '其他需求']

/** Appendix 4: application or change (TW-2.2b). `agencies` are those of the service list. */
export function applicationForm(
  account: Account,
  request: keyof typeof REQUESTS,
  agencies: readonly { id: string; name: string }[],
  at: number,
): Form {
  const { consent, endpoint, history } = account
  const accountRequest = request === 'new' ? 'new' : request === 'terminate' ? 'delete' : 'change'
  return {
    appendix: 4,
    title: '附件 4　聯防監控服務申請／異動表',
    blocks: [
      { kind: 'ticks', title: '使用者類別', options: ticks(USER_TYPES, account.userType) },
      { kind: 'ticks', title: '申請事項', options: ticks(REQUESTS, request) },
      {
        kind: 'fields',
        title: '申請單位',
        rows: [
          ['申請日期', dayOf(at)],
          ['單位名稱', account.unit],
          ['單位代碼', account.organization],
          ['機關 OID', account.oid === '' ? '無' : account.oid],
          ['地址', account.address],
        ],
      },
      {
        kind: 'table',
        title: '聯絡人',
        header: ['類別', '姓名', '部門／職稱', '電話（分機）', '傳真', '電子郵件'],
        rows: account.contacts.map(({ kind, name, department, phone, fax, email }) => [
          CONTACTS[kind],
          name,
          department,
          phone,
          fax,
          email,
        ]),
      },
      {
        kind: 'ticks',
        title: '確認事項',
        options: CONFIRMATIONS.map((label, index) => ({ label, ticked: index < 4 })),
      },
      {
        kind: 'table',
        title: '監控機關清單',
        header: ['序號', '機關之 OID 代碼', '機關名稱'],
        rows: agencies.map(({ id, name }, index) => [String(index + 1), id, name]),
      },
      { kind: 'text', title: '單位用印', text: '' },
      {
        kind: 'fields',
        title: '受理單位填寫',
        rows: [
          ['使用者編號', ''],
          ['啟用／暫停／恢復／終止／其他', ''],
          ['日期', ''],
        ],
      },
      { kind: 'ticks', title: '帳號申請類別', options: ticks(ACCOUNT_REQUESTS, accountRequest) },
      {
        kind: 'fields',
        title: '帳號',
        rows: [
          ['使用期限', account.validTo === null ? '長期' : `短期：${account.validFrom ?? ''} 至 ${account.validTo}`],
          ['上傳位址（受理單位填寫）', endpoint?.address ?? ''],
          ['目錄（受理單位填寫）', endpoint?.directory ?? ''],
          ['FTP 帳號（受理單位填寫）', endpoint?.user ?? ''],
          ['密碼', '另以其他管道通知'],
          ['最近異動', history.at(-1) === undefined ? '' : `${history.at(-1)?.to}：${history.at(-1)?.reason}`],
        ],
      },
      {
        kind: 'fields',
        title: '個人資料使用同意書',
        rows: [
          ['立同意書人', consent?.by ?? ''],
          ['簽署日期', consent?.signedOn ?? ''],
          ['利用目的', consent?.purpose ?? ''],
          ['利用期間', consent === null ? '' : `計畫期間，至 ${consent.planEnds}；計畫終止前一個月內刪除`],
          ['利用對象', consent?.users ?? ''],
          ['利用地區', consent?.territory ?? ''],
          ['當事人權利', '查詢或閱覽、製給複製本、補充或更正、停止蒐集處理利用、刪除'],
          [
            '刪除日期及證明',
            consent === null || consent.deletedOn === null
              ? ''
              : `${consent.deletedOn}：${consent.deletionProof ?? ''}`,
          ],
        ],
      },
    ],
  }
}

/** What each item of the test proves, in the words of the form. */
const ITEM_TEXTS: Readonly<Record<(typeof TEST_ITEMS)[number], string>> = {
  '1-0': '提供測試資料說明文件，足供第二階段測試',
  '1-1': '監控服務清單定期回傳更新（附件、OID、名稱）',
  '1-2': '關聯規則／ID 對應表回傳，對應完整且無重複',
  '2-1': '事件資料正確回傳',
  '2-2': '上傳週期於事件發生時間 1 小時內',
  '2-3': '通過 XSD 驗證',
  '2-4': '機關名稱與 OID 格式正確',
}

/** What the ledger proves for the items of the test, by item. */
export type Evidence = Readonly<Partial<Record<(typeof TEST_ITEMS)[number], string>>>

/** Appendix 5: record of the connectivity test, with our evidence for each item (TW-A5.x). */
export function testForm(
  account: Account,
  evidence: Evidence,
  progress: TestProgress,
  period: { from: number; to: number },
): Form {
  const { outcome, endpoint, tests, unit, oid } = account
  return {
    appendix: 5,
    title: '附件 5　介接測試檢核表',
    blocks: [
      {
        kind: 'fields',
        title: '基本資料',
        rows: [
          ['測試單位', unit],
          ['測試機關 OID', oid],
          ['測試開始時間', taipeiTime(period.from)],
          ['測試結束時間', taipeiTime(period.to)],
          [
            '首次成功上傳',
            `${progress.firstSuccessAt === null ? '' : taipeiTime(progress.firstSuccessAt)}（計 ${progress.days} 日、${progress.files} 個檔案）`,
          ],
          ['環境版本', '1.0/'],
          ['資料位址／目錄', endpoint === null ? '' : `${endpoint.address} ${endpoint.directory}`],
          ['測試結果', passText(outcome?.passed ?? null)],
          ['日期', outcome === null ? '' : dayOf(outcome.at)],
          ['測試員', tests.at(-1)?.tester ?? ''],
          ['權責主管', outcome?.by ?? ''],
        ],
      },
      {
        kind: 'table',
        title: '測試項目',
        header: ['項次', '測試內容', '結果', '備註', '佐證'],
        rows: TEST_ITEMS.map((item) => {
          const test = tests.find((one) => one.item === item)
          return [
            item,
            ITEM_TEXTS[item],
            test === undefined ? '' : test.passed ? 'OK' : 'Fail',
            test?.remark ?? '',
            evidence[item] ?? '',
          ]
        }),
      },
    ],
  }
}

/** Appendix 6: half-yearly check, from the stored self-check (TW-A6.x). */
export function checkForm(account: Account, check: SelfCheck, officer: string): Form {
  const { audit, lists, delays, period, server } = check
  const faults = audit.findings.filter(({ kind }) => kind !== 'not-sent')
  const agrees = faults.length === 0 && server !== null
  return {
    appendix: 6,
    title: '附件 6　定期檢測檢核表',
    blocks: [
      {
        kind: 'fields',
        title: '基本資料',
        rows: [
          ['檢核編號', `${account.organization}-${period.id}`],
          ['上傳單位', account.unit],
          ['機關 OID', account.oid],
          ['檢核期間開始', taipeiTime(period.from)],
          ['檢核期間結束', taipeiTime(period.to - 1)],
          ['檢核結果', passText(agrees && lists.missing === 0)],
          ['日期', dayOf(check.at)],
          ['測試員', ''],
          ['權責主管', officer],
        ],
      },
      {
        kind: 'table',
        title: '檢核項目',
        header: ['項次', '檢核內容', '結果', '說明'],
        rows: [
          [
            '2-1',
            '事件資料總數與上傳資料一致且內容相符',
            passText(agrees),
            `事件單 ${audit.tickets} 張，檔案 ${server === null ? '無法讀取' : audit.files} 個，上傳紀錄 ${audit.ledgerRows ?? 0} 筆，不一致 ${faults.length} 件；最晚 ${delays.worstMinutes} 分鐘`,
          ],
          [
            '2-2',
            '監控服務清單與關聯規則表即時更新',
            passText(lists.missing === 0),
            `更新 ${lists.versions} 次，最長 ${lists.worstMinutes} 分鐘，未送達 ${lists.missing} 次`,
          ],
        ],
      },
      {
        kind: 'table',
        title: '各機關事件單數',
        header: ['日期', '機關', '事件單', '已上傳', '未驗證', '隔離', '等待'],
        rows: audit.rows.map((row) => Object.values(row).map(String)),
      },
      {
        kind: 'table',
        title: '不一致項目',
        header: ['類別', '檔案', '說明'],
        rows: faults.map(({ kind, file, detail }) => [kind, file, detail]),
      },
    ],
  }
}

/** Appendix 7: record of an issue, with two rounds of re-checks (TW-A7). */
export function issueForm(account: Account, issue: Issue): Form {
  return {
    appendix: 7,
    title: '附件 7　問題紀錄單',
    blocks: [
      {
        kind: 'fields',
        title: '問題單',
        rows: [
          ['問題單編號', issue.issueId],
          ['開立時間', taipeiTime(issue.openedAt)],
          ['問題名稱', issue.name],
          ['改善期限', taipeiTime(issue.dueAt)],
        ],
      },
      {
        kind: 'fields',
        title: '問題描述',
        rows: [
          ['上傳單位名稱', account.unit],
          ['檢測形態', issue.form],
          ['發生時間', issue.occurredOn],
          ['問題嚴重性', issue.severity],
          ['測試員', issue.tester],
          ['事件描述', issue.description],
        ],
      },
      { kind: 'text', title: '建議措施', text: issue.suggestion },
      { kind: 'text', title: '參考資料', text: issue.reference },
      {
        kind: 'table',
        title: '矯正紀錄',
        header: ['複測', '日期', '結果', '測試員'],
        rows: [0, 1].map((round) => {
          const recheck = issue.rechecks[round]
          return [`第 ${round + 1} 次`, recheck?.day ?? '', passText(recheck?.passed ?? null), recheck?.tester ?? '']
        }),
      },
      {
        kind: 'fields',
        title: '結案',
        rows: [
          ['是否結案', issue.closedAt === null ? '否' : '是'],
          ['結案日期', issue.closedAt === null ? '' : dayOf(issue.closedAt)],
        ],
      },
    ],
  }
}
