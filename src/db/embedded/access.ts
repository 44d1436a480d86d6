import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceSecretFile } from '../../files/secret-file.js'

/** What must be remembered of an embedded database from one start to the next; kept in a file that only its owner reads. */
export interface Access {
  port: number | null
  passwords: { postgres: string; owner: string; service: string }
  /** Roles and database exist. */
  prepared: boolean
  /** The process that has it running, if any; `born` tells it from a later process with the same number. */
  holder: { pid: number; born: string } | null
}

const password = () => randomBytes(24).toString('hex')

const newAccess = (): Access => ({
  port: null,
  passwords: { postgres: password(), owner: password(), service: password() },
  prepared: false,
  holder: null,
})

const accessFile = (dir: string) => join(dir, 'access.json')

/** Reads what was remembered, or makes up new passwords where there is nothing yet. */
export async function readAccess(dir: string): Promise<Access> {
  try {
    return JSON.parse(await readFile(accessFile(dir), 'utf8')) as Access
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return newAccess()
  }
}

/** Replaces the file in one step, so that a crash leaves either the old or the new. */
export async function saveAccess(dir: string, access: Access): Promise<void> {
  await replaceSecretFile(accessFile(dir), `${JSON.stringify(access, null, 2)}\n`)
}

/** When a process was started, in the kernel's ticks (field 22 of `/proc/PID/stat`), or undefined if it is gone. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name in brackets may hold anything; the fields after it do not.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? undefined : fields[18]
  } catch {
    return undefined
  }
}
