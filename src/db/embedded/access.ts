import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceSecretFile } from '../../lib/files/secret-file.js'

/** How to reach an embedded database. Stored between starts, in a file that only its owner can read. */
export interface Access {
  port: number | null
  passwords: { postgres: string; owner: string; service: string; console: string }
  /** Whether all roles and the database exist. */
  prepared: boolean
  /**
   * The process that runs the server; null if none. `born`, its start time, distinguishes it from a later process with
   * the same id.
   */
  holder: { pid: number; born: string } | null
}

const password = () => randomBytes(24).toString('hex')

const newAccess = (): Access => ({
  port: null,
  passwords: { postgres: password(), owner: password(), service: password(), console: password() },
  prepared: false,
  holder: null,
})

const accessFile = (dir: string) => join(dir, 'access.json')

/** Reads the stored access, or creates passwords if none is stored. */
export async function readAccess(dir: string): Promise<Access> {
  try {
    return JSON.parse(await readFile(accessFile(dir), 'utf8')) as Access
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return newAccess()
  }
}

/** Stores the access atomically. */
export async function saveAccess(dir: string, access: Access): Promise<void> {
  await replaceSecretFile(accessFile(dir), `${JSON.stringify(access, null, 2)}\n`)
}

/** When a process was started, in kernel ticks (field 22 of `/proc/PID/stat`); undefined if it has ended. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The process name in brackets may hold blanks and brackets, so the fields are counted from the last bracket.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? undefined : fields[18]
  } catch {
    return undefined
  }
}
