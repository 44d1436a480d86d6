import type { Config } from '../config/config.js'
import { systemClock } from '../core/clock.js'
import { AppError } from '../core/errors.js'
import { withDeadline } from '../lib/deadline.js'
import type { Marking } from '../lib/files/marking.js'
import { type KeyStore, openKeyStore } from './keys/key-store.js'
import { type ObjectStore, openStore } from './store/store.js'

/** How long the service waits for a folder at its start, ms. A folder that takes longer is on a disk that hangs. The next start tries again. */
const OPEN_MS = 20_000

/**
 * Waits until a folder is open, for at most 20 s.
 *
 * @param what names the folder in the message
 * @returns the result of `opening`
 * @throws AppError `store.unwritable` after 20 s; what `opening` throws
 */
export const openInTime = <T>(what: string, opening: Promise<T>): Promise<T> =>
  withDeadline(opening, {
    clock: systemClock,
    ms: OPEN_MS,
    error() {
      const message = `${what} does not answer within ${OPEN_MS / 1000} s. Check whether its disk hangs.`
      return new AppError('store.unwritable', message, { retryable: true })
    },
  })

/**
 * Opens key store and store, both within 20 s.
 *
 * @throws AppError `store.unwritable` after 20 s; errors of `openKeyStore` and `openStore`
 */
export async function openStores(
  settings: Pick<Config, 'store' | 'keystore'>,
  marking: Marking,
): Promise<{ keyStore: KeyStore; store: ObjectStore }> {
  const [keyStore, store] = await Promise.all([
    openInTime('CONSENTRY_KEYSTORE', openKeyStore(settings.keystore, marking)),
    openInTime('CONSENTRY_STORE', openStore(settings.store, marking)),
  ])
  return { keyStore, store }
}
