import { execFile, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { prepareTools } from '../../../lab/tools/prepare-tools.js'
import { until } from './database.js'
import { atFileEnd } from './file-end.js'

const run = promisify(execFile)

/** A folder on a FUSE file system, which a test can freeze. */
export interface FuseFolder {
  /** Operations on the folder hang. */
  freeze(): void
  /** Operations continue, also those that hung. */
  thaw(): void
  /** Unmounts it, also while files in it are open. */
  unmount(): Promise<void>
}

/** Whether this user may mount FUSE file systems. */
export function mayMount(): boolean {
  if (process.getuid?.() !== 0) return false
  try {
    closeSync(openSync('/dev/fuse', 'r+'))
    return true
  } catch {
    return false
  }
}

/**
 * Mounts a file system over a folder. Creates missing folders.
 *
 * @param source folder with the real files
 */
export async function mountFuse(folder: string, source: string): Promise<FuseFolder> {
  const { bindfs } = await prepareTools(['bindfs'])
  for (const path of [folder, source]) await mkdir(path, { recursive: true, mode: 0o700 })
  const server = spawn(join(bindfs, 'bin', 'bindfs'), ['-f', source, folder], { stdio: 'ignore' })
  // The server unmounts when it ends. A test that ends early must not leave a folder that hangs.
  const end = () => {
    server.kill('SIGCONT')
    server.kill('SIGTERM')
  }
  atFileEnd(end)
  await until(async () => (await readFile('/proc/mounts', 'utf8')).includes(` ${folder} fuse`))
  return {
    freeze: () => void server.kill('SIGSTOP'),
    thaw: () => void server.kill('SIGCONT'),
    async unmount() {
      server.kill('SIGCONT')
      await run('umount', ['-l', folder])
      end()
    },
  }
}
