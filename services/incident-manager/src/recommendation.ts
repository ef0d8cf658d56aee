/**
 * Recommended first measures where the rule names none, in the languages of the notices: a notice never leaves without one
 * (KZ-10.3i).
 */
export const FIRST_MEASURES: Readonly<Record<string, string>> = {
  en: 'Block the source address or isolate the affected system, keep logs and evidence unchanged, change the credentials concerned, check neighbouring systems for the same traces, and report the measures taken.',
  vi: 'Chặn địa chỉ nguồn hoặc cô lập hệ thống bị ảnh hưởng, giữ nguyên nhật ký và chứng cứ, đổi thông tin đăng nhập liên quan, kiểm tra dấu vết tương tự trên các hệ thống lân cận và báo cáo biện pháp đã thực hiện.',
  kk: 'Бастапқы мекенжайды бұғаттаңыз немесе зақымдалған жүйені оқшаулаңыз, журналдар мен дәлелдерді өзгертпей сақтаңыз, қатысты тіркелгі деректерін ауыстырыңыз, көрші жүйелерден осындай іздерді тексеріңіз және қабылданған шаралар туралы хабарлаңыз.',
  ru: 'Заблокируйте адрес источника или изолируйте затронутую систему, сохраните журналы и доказательства без изменений, смените затронутые учётные данные, проверьте соседние системы на те же следы и сообщите о принятых мерах.',
  'zh-Hant':
    '請封鎖來源位址或隔離受影響系統，完整保留紀錄與證據，更換相關帳號密碼，檢查鄰近系統是否有相同跡象，並回報已採取之措施。',
}
