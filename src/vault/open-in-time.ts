import { inTime } from '../shared/at-most.js'
import { systemClock } from '../shared/clock.js'
import { AppError } from '../shared/errors.js'

/** How long a folder may take to be opened at the start, ms. One that takes longer hangs; the next start tries again. */
const OPEN_MS = 20_000

/**
 * Waits for a folder to be opened, for at most 20 s.
 *
 * @param what names the folder in the message
 * @returns the result of `opening`
 * @throws AppError `store.unwritable` for a folder that does not answer
 */
export const openInTime = <T>(what: string, opening: Promise<T>): Promise<T> =>
  inTime(systemClock, OPEN_MS, opening, () => {
    const said = `${what} does not answer within ${OPEN_MS / 1000} s: does its disk hang?`
    return new AppError('store.unwritable', said, { retryable: true })
  })
