import { type FileHandle, open } from 'node:fs/promises'
import { AppError } from '../../core/errors.js'
import { isMissing, unwritable } from '../../lib/files/durable.js'
import type { ObjectSource } from './types.js'

/**
 * Opens a container file for reading.
 *
 * @param path absolute or relative path of any file
 * @throws AppError `not-found` if there is no such file; `store.unwritable` if the file cannot be read
 */
export async function openDiskSource(path: string): Promise<ObjectSource> {
  const file = await open(path, 'r').catch(error => {
    throw isMissing(error)
      ? new AppError('not-found', `${path} does not exist`, { cause: error })
      : unwritable(path, error)
  })
  try {
    const stat = await file.stat()
    if (stat.isFile()) return new DiskSource(path, file, stat.size)
    throw new AppError('not-found', `${path} is not a file`)
  } catch (error) {
    await file.close()
    throw unwritable(path, error)
  }
}

class DiskSource implements ObjectSource {
  readonly size: number
  readonly #path: string
  readonly #file: FileHandle

  constructor(path: string, file: FileHandle, size: number) {
    this.#path = path
    this.#file = file
    this.size = size
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.size - offset)))
    let filled = 0
    while (filled < bytes.length) {
      const { bytesRead } = await this.#file
        .read(bytes, filled, bytes.length - filled, offset + filled)
        .catch(error => {
          throw unwritable(this.#path, error)
        })
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return bytes.subarray(0, filled)
  }

  async sync(): Promise<void> {
    await this.#file.datasync().catch(error => {
      throw unwritable(this.#path, error)
    })
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}
