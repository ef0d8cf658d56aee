import type { Account } from '../account/account.ts'
import { taipeiDate, taipeiTime } from '../feeds/tw-nccst-1.3/taipei-time.ts'
import type { SelfCheck } from '../self-check.ts'
import { type Form, passText } from './form.ts'

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
          ['日期', taipeiDate(check.at)],
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
