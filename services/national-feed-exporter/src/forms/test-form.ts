import { type Account, TEST_ITEMS } from '../account/account.ts'
import type { TestProgress } from '../feeds/tw-nccst-1.3/progress.ts'
import { taipeiDate, taipeiTime } from '../feeds/tw-nccst-1.3/taipei-time.ts'
import { type Form, passText } from './form.ts'

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
          ['日期', outcome === null ? '' : taipeiDate(outcome.at)],
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
