import { createHash } from 'node:crypto'
import { mkdirSync, realpathSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { TocsinError } from '@tocsin/runtime'

/**
 * Holds a store for one process: a socket whose name is made of the folder's. The kernel lets go of it when the process ends,
 * however it ends, so no lock is ever left behind. Throws `collector_folder_in_use`.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const name = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 40)
  const server: Server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new TocsinError(
          'collector_folder_in_use',
          `Another process holds the store in ${folder}: stop it first, or give this collector a folder of its own.`,
          error,
        ),
      ),
    )
    server.listen(`\0tocsin-collect-${name}`, resolve)
  })
  server.unref()
  return () => new Promise((resolve) => server.close(() => resolve()))
}
