import { readFile, writeFile } from 'node:fs/promises'
import type { RuleFile } from '@tocsin/sigma'
import { type CaseFile, caseFileOf, readCases } from '../rules/case-file.ts'

const maxCaseFileBytes = 16 * 1_048_576

/** Reads the cases beside each rule file; a file that is not there, cannot be read or is too large is said so in its entry. */
export async function readCaseFiles(files: readonly RuleFile[]): Promise<CaseFile[]> {
  const read: CaseFile[] = []
  for (const { file } of files) {
    try {
      const octets = await readFile(caseFileOf(file))
      if (octets.length > maxCaseFileBytes)
        read.push({ ruleFile: file, cases: [], fault: 'The cases have more than 16 MiB.', present: true })
      else read.push(readCases(file, octets.toString('utf8')))
    } catch (cause) {
      const isAbsent = (cause as NodeJS.ErrnoException).code === 'ENOENT'
      read.push(
        isAbsent
          ? readCases(file, null)
          : {
              ruleFile: file,
              cases: [],
              fault: `The cases cannot be read: ${(cause as Error).message}.`,
              present: true,
            },
      )
    }
  }
  return read
}

/** Writes a report where the caller asked for it. */
export async function writeReport(path: string, text: string): Promise<void> {
  await writeFile(path, text)
}

/** Thousandths of a second, for durations only. */
export const stopwatchMs = (): number => performance.now()
