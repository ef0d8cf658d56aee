/**
 * Tables as spreadsheets read and write them, pure: octets come in and go out, bounded in rows, columns and size. No cell is
 * ever a formula, and what was neutralised on the way out comes back as it was.
 */
export * from './csv.ts'
export * from './xlsx.ts'
export { openZip, writeZip } from './zip.ts'
