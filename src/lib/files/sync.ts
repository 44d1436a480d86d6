import { randomBytes } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'

/** Makes the names in a folder durable. @throws the system's error */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Overwrites the bytes of a file in place with random bytes and syncs them. @throws the system's error */
export async function overwrite(file: FileHandle): Promise<void> {
  const { size } = await file.stat()
  await file.write(randomBytes(size), 0, size, 0)
  await file.sync()
}
