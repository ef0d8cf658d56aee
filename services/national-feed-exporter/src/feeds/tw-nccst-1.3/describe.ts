import { exampleFields, FIELD_NOTES } from './field-notes.ts'
import { FIELDS } from './fields.ts'
import { type Lists, RULE_HEADER, SERVICE_HEADER } from './lists.ts'
import { PROFILE } from './profile.ts'
import { taipeiTime } from './taipei-time.ts'
import { toXml } from './xml.ts'

/** What the description says besides the fields. */
export interface Described {
  organization: string
  prefix: string
  at: number
  lists: Pick<Lists, 'services' | 'rules'>
  /** Numbers of rows of both lists, without their headers. */
  rows: { services: number; rules: number }
  /** Kinds of the sources that are registered, by number. */
  sources: Readonly<Record<string, number>>
  versions: Readonly<Record<string, string>>
}

/**
 * Gives the document that stage 1 of the connectivity test asks for (TW-A5.1-0): what the test data are, enough to run stage
 * 2: fields, sources, mapping, both lists, a sample file, versions. Markdown in Chinese.
 */
export function describeFeed({ organization, prefix, at, lists, rows, sources, versions }: Described): string {
  const table = (header: readonly string[], body: readonly (readonly string[])[]): string =>
    [header, header.map(() => '---'), ...body].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')
  return `# 聯防監控事件紀錄回傳：測試資料說明

${table(
  ['項目', '內容'],
  [
    ['上傳單位', organization],
    ['匯出設定檔', PROFILE],
    ['製表時間', taipeiTime(at)],
    ['事件單編號', `${prefix}-YYYYMMDD-NNNNNN，檔名為 <Event_ID>.xml`],
    ['目錄', 'incident/（事件單）、attachment/（附件）、帳號根目錄（兩份清單）'],
    ['編碼', 'UTF-8，無 BOM；時間為臺北時間'],
  ],
)}

## 欄位對應（28 欄）

${table(
  ['編號', '欄位', '名稱', '長度', '必填', '資料來源'],
  FIELDS.map(({ no, name, maxCodePoints, mandatory }) => [
    String(no),
    name,
    FIELD_NOTES[name].label,
    maxCodePoints === null ? '—' : String(maxCodePoints),
    mandatory ? '是（無值填 NULL）' : '否（無值為空元素）',
    FIELD_NOTES[name].source,
  ]),
)}

## 清單

${table(
  ['檔名', '欄位', '筆數', 'SHA-256'],
  [
    [lists.services.name, SERVICE_HEADER.join('、'), String(rows.services), lists.services.sha256],
    [lists.rules.name, RULE_HEADER.join('、'), String(rows.rules), lists.rules.sha256],
  ],
)}

## 資料來源

${table(
  ['來源種類', '數量'],
  Object.entries(sources).map(([kind, count]) => [kind, String(count)]),
)}

## 範例檔

\`\`\`xml
${toXml(exampleFields()).trim()}
\`\`\`

## 版本

${table(['元件', '版本'], Object.entries(versions))}
`
}

/** A cell of a table: nothing that would end it or the row. */
const cell = (text: string): string => text.replace(/[\r\n]+/g, ' ').replace(/[|\\`<]/g, (sign) => `\\${sign}`)
