import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../core/errors.js'
import { isUuid, type NodeId, newNodeId } from '../core/ids.js'
import { isFull, unlessAbsent } from '../lib/files/durable.js'
import { replaceSecretFile } from '../lib/files/secret-file.js'
import type { Log } from '../lib/log.js'

/** Path of the file with the id of a data folder. */
export const serviceIdPath = (data: string): string => join(data, 'service.id')

/**
 * Reads the id of the data folder. The first service that starts in the folder makes the id. On a full disk a new service starts
 * with an id that is not stored.
 *
 * @param data path of the data folder, which the caller has locked
 * @throws AppError `config.invalid` if the file is damaged; the system's error if the file cannot be read or written
 */
export async function serviceId(data: string, log: Log): Promise<NodeId> {
  const path = serviceIdPath(data)
  const text = await unlessAbsent(readFile(path, 'utf8'), undefined)
  if (text === undefined) return await renewServiceId(data, log)
  const id = text.trim()
  if (isUuid(id)) return id as NodeId
  throw new AppError(
    'config.invalid',
    `${path} contains no id: restore the file, or remove it to start with a new id`,
  )
}

/**
 * Gives the data folder its first id.
 *
 * @throws the system's error, unless the disk is full
 */
export async function renewServiceId(data: string, log: Log): Promise<NodeId> {
  const id = newNodeId()
  try {
    await replaceSecretFile(serviceIdPath(data), `${id}\n`)
  } catch (error) {
    if (!isFull(error)) throw error
    log.error(
      'the data folder is full, so its id is not stored: free space, or the next start cannot continue calls and recordings of this one',
    )
  }
  return id
}
