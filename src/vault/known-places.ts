import { randomUUID } from 'node:crypto'
import { readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { AppError } from '../shared/errors.js'
import { syncFolder, systemCode, unlessAbsent, writeSynced } from './durable.js'

/** Marks by the path of their folder. */
const marks = z.record(z.string(), z.string())

/** Where this user cannot write anyhow. A verb that only looks may run there, and finds places as they are. */
const NOT_OURS = ['ENOENT', 'EACCES', 'EROFS']

/**
 * The mark that a folder had when it was first opened from here.
 *
 * @param memory path of the file
 * @throws AppError `config.invalid` for a file that is not ours
 */
export async function recall(memory: string, folder: string): Promise<string | undefined> {
  return (await read(memory))[folder]
}

let turn: Promise<unknown> = Promise.resolve()

/** Keeps it for the next time, durably; the file is replaced as a whole, one change after the other. */
export function remember(memory: string, folder: string, mark: string): Promise<void> {
  const done = turn.then(() => add(memory, folder, mark))
  turn = done.catch(() => undefined)
  return done
}

async function add(memory: string, folder: string, mark: string): Promise<void> {
  const content = JSON.stringify({ ...(await read(memory)), [folder]: mark }, null, 2)
  const temporary = `${memory}.${randomUUID()}`
  try {
    await (await writeSynced(temporary, Buffer.from(`${content}\n`))).close()
    await rename(temporary, memory)
    await syncFolder(dirname(memory))
  } catch (error) {
    if (!NOT_OURS.includes(systemCode(error) ?? '')) throw error
  }
}

async function read(memory: string): Promise<Record<string, string>> {
  const text = await unlessAbsent(readFile(memory, 'utf8'), '{}')
  try {
    return marks.parse(JSON.parse(text))
  } catch (cause) {
    throw new AppError('config.invalid', `${memory} does not hold what it should: restore or remove it`, {
      cause,
    })
  }
}
