import { open, rm, stat } from 'node:fs/promises'
import { AppError } from '../shared/errors.js'

/** Under this name a file is made until it is whole. */
export const unfinished = (path: string): string => `${path}.unfinished`

/**
 * Makes sure that a file can be made where it is wanted, before the journal is told that somebody takes it.
 *
 * @throws AppError `store.unwritable`
 */
export async function mayWrite(path: string): Promise<void> {
  const refused = (cause: { code?: string }): never => {
    throw new AppError('store.unwritable', `${path} cannot be written: ${cause.code}`, { cause })
  }
  // A folder of that name would be in the way only of a file that is whole.
  if ((await stat(path).catch(() => undefined))?.isDirectory()) refused({ code: 'EISDIR' })
  const file = await open(unfinished(path), 'w', 0o600).catch(refused)
  await file.close()
  await rm(unfinished(path), { force: true })
}
