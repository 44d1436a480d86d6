import { AppError } from '../../core/errors.js'
import type { Message } from '../../core/message.js'

/** The error for a sound that cannot become a prompt. @param why a sentence that says what to do */
export const unusable = (why: string | Message, cause?: unknown): AppError =>
  new AppError('request.invalid', why, { cause })
