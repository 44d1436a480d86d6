import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isFull, unlessAbsent } from '../files/durable.js'
import { replaceSecretFile } from '../files/secret-file.js'
import { AppError } from '../shared/errors.js'
import { isUuid, newServiceId, type ServiceId } from '../shared/ids.js'
import type { Log } from '../shared/log.js'

/** Where a data folder keeps the id of its service. */
export const serviceIdPath = (data: string): string => join(data, 'service.id')

/**
 * The id of the service that works in this data folder, made at its first start. On a full disk a new service starts with an id
 * that it cannot keep.
 *
 * @param data the data folder, which the caller holds
 * @throws AppError `config.invalid` where the file is damaged; the system's error
 */
export async function serviceId(data: string, log: Log): Promise<ServiceId> {
  const path = serviceIdPath(data)
  const text = await unlessAbsent(readFile(path, 'utf8'), undefined)
  if (text === undefined) return await renewServiceId(data, log)
  const id = text.trim()
  if (isUuid(id)) return id as ServiceId
  throw new AppError(
    'config.invalid',
    `${path} holds no id: restore it, or remove it to begin with a new one`,
  )
}

/** Gives the data folder a new id: its first, or another one because the folder is a copy. @throws the system's error */
export async function renewServiceId(data: string, log: Log): Promise<ServiceId> {
  const id = newServiceId()
  try {
    await replaceSecretFile(serviceIdPath(data), `${id}\n`)
  } catch (error) {
    if (!isFull(error)) throw error
    log.error('the data folder is full: the next start will not know what calls and recordings are its own')
  }
  return id
}
