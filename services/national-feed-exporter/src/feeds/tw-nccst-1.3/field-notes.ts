import type { FieldName, FieldValues } from './fields.ts'

/** What the receiver reads of a field: its Chinese name in the SOP, where our value comes from, and an example. */
export interface FieldNote {
  label: string
  /** Where the value comes from, for the receiver's testers. */
  source: string
  example: string
}

const note = (label: string, source: string, example: string): FieldNote => ({ label, source, example })

/** The 28 fields as the document for stage 1 of the connectivity test explains them (TW-A5.1-0). */
export const FIELD_NOTES: Readonly<Record<FieldName, FieldNote>> = {
  Organization: note('發送單位', '上傳單位代碼（設定值 ORGANIZATION）', 'EXAMPLE-SOC'),
  Event_ID: note('事件單 (Incident) ID', '前綴-臺北日期-流水號，永不重複；亦為檔名', 'EXSOC-20261122-000042'),
  Customer_Name: note('機關名稱', '機關登錄之正式名稱，同服務清單', '行政院'),
  Customer_ID: note('機關代碼', '機關登錄之 OID，同服務清單', '2.16.886.101.20003'),
  Subject: note('事件單主旨', '偵測規則之中文標題', '疑似密碼猜測攻擊'),
  Base_Event_ID: note('事件 (Event) ID', '同一案件之第一張事件單', ''),
  Event_Name: note('事件名稱', '偵測規則名稱', 'ssh-bruteforce-v3'),
  Start_Time: note('事件發生時間', '最早一筆原始紀錄之時間（臺北）', '2026-11-22 09:14:03.0'),
  End_Time: note('事件結束時間', '最後一筆原始紀錄之時間（臺北）', '2026-11-22 09:20:41.0'),
  Connector_Translated_Zone_Reference_ID: note('事件來源', '紀錄來源之代碼與名稱', 'C017 dmz-collector'),
  Source_Address: note('來源 IP', '紀錄數最多之來源位址', '203.0.113.9'),
  Target_Address: note('目標 IP', '紀錄數最多之目標位址', '192.0.2.10'),
  Source_Port: note('來源 PORT', '同上來源之連接埠', '51544'),
  Target_Port: note('目標 PORT', '同上目標之連接埠', '22'),
  Source_Geo_Descriptor: note('來源 IP 經緯度', '經度,緯度；私有位址為空', '121.5319,25.0478'),
  Target_Geo_Descriptor: note('目標 IP 經緯度', '經度,緯度；私有位址為空', '120.6839,24.1388'),
  Event_Attacking_Technical: note('手法研判', 'ATT&CK 技術編號與名稱', 'T1110 Brute Force'),
  Events_Description: note('事件描述', '經過：起訖時間、來源、目標、紀錄數', '同一來源五分鐘內登入失敗 128 次'),
  Event_Message: note('處理說明', '偵測規則之中文處理建議', '建議封鎖來源並檢查帳號'),
  Event_Vulnerability: note('弱點資訊', '偵測規則標示之 CVE 編號', 'CVE-2024-6387'),
  Event_Severity: note('影響等級', '1 至 10，10 最嚴重', '6'),
  Device_Translated_Zone_Reference_ID: note('觸發設備', '來源設備名稱與型號', 'IDS-03 (Suricata 7)'),
  Triggered_Rule_Name: note('觸發規則', '來源設備之原始規則名稱', 'ET SCAN SSH BruteForce'),
  Correlated_Rule_Name: note('關聯規則名稱', '同關聯規則表', 'ssh-bruteforce-v3'),
  Correlated_Rule_ID: note('關聯規則 ID', '同關聯規則表', '144'),
  Correlated_Raw_Event_ID: note('關聯事件 ID', '原始紀錄編號，以分號分隔', '01jd00a7;01jd00b2'),
  Aggregated_Count: note('關聯事件數', '彙整之原始紀錄數', '128'),
  Attachment: note('附件', '附件檔名 <Event_ID>_<n>.json；附件先上傳', ''),
}

/** The example of every field, as one record. */
export function exampleFields(): FieldValues {
  return Object.fromEntries(Object.entries(FIELD_NOTES).map(([name, { example }]) => [name, example])) as Record<
    FieldName,
    string
  >
}
