import { type FileHandle, open } from 'node:fs/promises'
import { AppError } from '../../shared/errors.js'
import { systemCode } from '../durable.js'
import type { ObjectSource } from './types.js'

/**
 * Opens a container file anywhere on this machine.
 *
 * @throws AppError `not-found`
 */
export async function openDiskSource(path: string): Promise<ObjectSource> {
  try {
    const file = await open(path, 'r')
    const stat = await file.stat()
    if (stat.isFile()) return new DiskSource(file, stat.size)
    await file.close()
  } catch (error) {
    throw new AppError('not-found', `${path}: ${systemCode(error) ?? 'cannot be read'}`, { cause: error })
  }
  throw new AppError('not-found', `${path} is no file`)
}

class DiskSource implements ObjectSource {
  readonly size: number
  readonly #file: FileHandle

  constructor(file: FileHandle, size: number) {
    this.#file = file
    this.size = size
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.size - offset)))
    let filled = 0
    while (filled < bytes.length) {
      const { bytesRead } = await this.#file.read(bytes, filled, bytes.length - filled, offset + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return bytes.subarray(0, filled)
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}
