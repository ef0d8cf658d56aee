import type { Account } from '../account/account.ts'
import { taipeiDate } from '../feeds/tw-nccst-1.3/taipei-time.ts'
import type { Form } from './form.ts'

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
          ['申請日期', taipeiDate(at)],
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
