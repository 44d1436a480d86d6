import { AppError } from '../core/errors.js'
import { checkFolderWritable, isFull, makeDurableFolder, systemCode } from '../lib/files/durable.js'

/**
 * Makes the data folder if it is missing and checks that the service can write to it. Without this check, the first file in
 * the folder would fail with a less helpful message.
 *
 * @param data absolute path of the folder
 * @throws AppError `config.invalid` if the folder cannot be made or written to, unless its disk is full
 */
export async function openDataFolder(data: string): Promise<void> {
  try {
    await makeDurableFolder(data)
    await checkFolderWritable(data).catch(ignoreFull)
  } catch (cause) {
    const code = systemCode(cause) ?? 'failed'
    throw new AppError(
      'config.invalid',
      `CONSENTRY_DATA is ${data}, ${reasonFor(code)}: name a folder that the service may write to`,
      { cause },
    )
  }
}

/** Accepts a full disk: the service may start, and every part that cannot write raises its own alarm. */
function ignoreFull(error: unknown): void {
  if (!isFull(error)) throw error
}

function reasonFor(code: string): string {
  if (code === 'EEXIST') return 'which is not a folder'
  if (code === 'ENOTDIR') return 'and something on that path is not a folder'
  return `where the service cannot write (${code})`
}
