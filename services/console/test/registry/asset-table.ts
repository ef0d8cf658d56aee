import { writeCsv } from '@tocsin/sheets'

const HEADER = ['constituent', 'circuit', 'ip', 'hostname', 'unit', 'floor', 'office', 'responsible', 'os']
export const SEEDED = [
  { row: 101, column: 'ip', set: '10.7.0.0' },
  { row: 301, column: 'os', set: '' },
  { row: 501, column: 'ip', set: '10.7.300.1' },
  { row: 701, column: 'unit', set: '' },
  { row: 901, column: 'circuit', set: 'middle' },
] as const

/** The appendix of one body: 1,000 rows, five of them with one fault each; as a spreadsheet of Kazakhstan writes it. */
export function assetTable(constituent: string): string {
  const rows = Array.from({ length: 1_000 }, (_, index) => {
    const ip = `10.7.${index >> 8}.${index & 255}`
    return [
      constituent,
      'inner',
      ip,
      `ws-${index}`,
      'Бухгалтерия\nотдел №2',
      '3',
      '301',
      `Қызметкер ${index}`,
      'Windows 11',
    ]
  })
  for (const { row, column, set } of SEEDED) {
    const cells = rows[row - 2]
    if (cells !== undefined) cells[HEADER.indexOf(column)] = set
  }
  return writeCsv([HEADER, ...rows], ';')
}
