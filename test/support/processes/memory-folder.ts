import { constants, rmSync } from 'node:fs'
import { access, mkdtemp, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { atFileEnd } from './file-end.js'

/** Where Linux has a file system in memory. */
const MEMORY = '/dev/shm'
/** Free memory that must be there, bytes. Some databases are kept at once, of less than 200 MB each. */
const ROOM = 4 * 1024 ** 3

/**
 * Makes a temporary folder in memory, or on disk where memory has no room for it. It is removed when this file is over; if its
 * process is killed, by the runner, which knows its name.
 */
export async function makeMemoryFolder(): Promise<string> {
  const base = (await hasRoom(MEMORY)) ? MEMORY : tmpdir()
  const folder = await mkdtemp(join(base, `consentry-test-${process.pid}-`))
  atFileEnd(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function hasRoom(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK)
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize >= ROOM
  } catch {
    return false
  }
}
