import type { Account, Issue } from '../account/account.ts'
import { taipeiDate, taipeiTime } from '../feeds/tw-nccst-1.3/taipei-time.ts'
import { type Form, passText } from './form.ts'

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
          ['結案日期', issue.closedAt === null ? '' : taipeiDate(issue.closedAt)],
        ],
      },
    ],
  }
}
