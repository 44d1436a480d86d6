import type { Clock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import type { Language } from '../../core/policy.js'
import { withDeadline } from '../../lib/deadline.js'
import type { PromptBook, ReadyPrompt } from '../ports.js'

/** How long the check of a prompt's files may take, ms. It usually takes 1 ms. The caller hears nothing meanwhile. */
const CHECK_TIMEOUT_MS = 1_000
/**
 * How long an accepted playback may take to begin, ms. It takes some ms, and 0.1 s on a busy machine with a hundred
 * callers at once. It equals the stall of this process after which calls fail anyway, so that a report that waits in
 * the socket during a stall fails no prompt.
 */
export const START_TIMEOUT_MS = 2_000

/**
 * Checks the files of a prompt before it is played, for at most 1 s, because the disk may hang.
 *
 * @throws AppError `prompt.slow` after 1 s; the errors of `PromptBook.ready`
 */
export const promptInTime = (
  prompts: PromptBook,
  language: Language,
  name: string,
  clock: Pick<Clock, 'after'>,
): Promise<ReadyPrompt> =>
  withDeadline(prompts.ready(language, name), { clock, ms: CHECK_TIMEOUT_MS, error: checkTooSlow })

const checkTooSlow = () =>
  new AppError('prompt.slow', `the files of a prompt could not be checked within ${CHECK_TIMEOUT_MS} ms`)
