import { isFull, makeFolder, systemCode, tryFolder } from '../files/durable.js'
import { AppError } from '../shared/errors.js'

/**
 * Makes the data folder if it is not there, and tries it, so that what is wrong with it is not said of something in it.
 *
 * @throws AppError `config.invalid`
 */
export async function openDataFolder(data: string): Promise<void> {
  try {
    await makeFolder(data)
    await tryFolder(data).catch(ignoreFull)
  } catch (cause) {
    const code = systemCode(cause) ?? 'failed'
    throw new AppError(
      'config.invalid',
      `CONSENTRY_DATA is ${data}, ${reasonFor(code)}: name a folder that the service may write to`,
      { cause },
    )
  }
}

/** A service whose disk is full may start all the same; each part says what it lacks. */
function ignoreFull(error: unknown): void {
  if (!isFull(error)) throw error
}

function reasonFor(code: string): string {
  if (code === 'EEXIST') return 'which is no folder'
  if (code === 'ENOTDIR') return 'and on the way there stands what is no folder'
  return `where the service cannot write (${code})`
}
