/** The day after which a system gets no security updates without a contract of its own. */
interface SupportEnd {
  name: RegExp
  ends: string
}

/** Ends of support as the makers publish them; the first line that fits holds. */
const catalogue: readonly SupportEnd[] = [
  { name: /windows (?:xp|2000)\b/i, ends: '2014-04-08' },
  { name: /windows (?:vista)\b/i, ends: '2017-04-11' },
  { name: /windows server 2003/i, ends: '2015-07-14' },
  { name: /windows server 2008/i, ends: '2020-01-14' },
  { name: /windows server 2012/i, ends: '2023-10-10' },
  { name: /windows server 2016/i, ends: '2027-01-12' },
  { name: /windows server 2019/i, ends: '2029-01-09' },
  { name: /windows 7\b/i, ends: '2020-01-14' },
  { name: /windows 8(?:\.1)?\b/i, ends: '2023-01-10' },
  { name: /windows 10\b/i, ends: '2025-10-14' },
  { name: /ubuntu\D{0,12}14\.04/i, ends: '2019-04-25' },
  { name: /ubuntu\D{0,12}16\.04/i, ends: '2021-04-30' },
  { name: /ubuntu\D{0,12}18\.04/i, ends: '2023-05-31' },
  { name: /ubuntu\D{0,12}20\.04/i, ends: '2025-05-31' },
  { name: /debian\D{0,16}8\b/i, ends: '2020-06-30' },
  { name: /debian\D{0,16}9\b/i, ends: '2022-06-30' },
  { name: /debian\D{0,16}10\b/i, ends: '2024-06-30' },
  { name: /debian\D{0,16}11\b/i, ends: '2026-08-31' },
  { name: /centos\D{0,16}6\b/i, ends: '2020-11-30' },
  { name: /centos\D{0,16}7\b/i, ends: '2024-06-30' },
  { name: /centos\D{0,16}8\b/i, ends: '2021-12-31' },
  { name: /(?:rhel|red hat)\D{0,24}6\b/i, ends: '2020-11-30' },
  { name: /(?:rhel|red hat)\D{0,24}7\b/i, ends: '2024-06-30' },
]

/** Takes the text of column 8 (name and version) and an instant; gives the day on which support ended, or null where it goes on or nobody knows. */
export function supportEnded(os: string, nowMs: number): string | null {
  const ends = catalogue.find(({ name }) => name.test(os.slice(0, 200)))?.ends
  return ends !== undefined && Date.parse(`${ends}T23:59:59Z`) < nowMs ? ends : null
}
