import { createHash } from 'node:crypto'
import { mkdir, open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { WrittenFile } from '../produce.ts'

/** Writes a file below `root`, readable by its owner and group, whole or not at all. */
export async function writeReportFile(root: string, path: string, content: Buffer, mime: string): Promise<WrittenFile> {
  const target = join(root, path)
  await mkdir(dirname(target), { recursive: true, mode: 0o750 })
  const file = await open(`${target}.part`, 'w', 0o640)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${target}.part`, target)
  return { path, mime, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }
}
