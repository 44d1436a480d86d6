import { AppError, type ErrorCode } from '../shared/errors.js'
import type { RecordingId } from '../shared/ids.js'

/** What helps against what is wrong with a part. */
const REMEDIES: Partial<Record<ErrorCode, string>> = {
  'container.invalid': 'put the container back from a copy of the store',
  'key.refused': 'put its key file back from the other mirror of the key store, or its container from a copy',
}

/** The same failure with what to do next, where a part is not as it was sealed. */
export function withNextStep(error: unknown, recording?: RecordingId): unknown {
  if (!(error instanceof AppError)) return error
  const remedy = REMEDIES[error.code]
  if (!remedy) return error
  const first = recording ? `See all that is wrong: consentry verify ${recording}. Then` : 'To open it,'
  return new AppError(error.code, `${error.message}. No file was written. ${first} ${remedy}.`, {
    cause: error,
  })
}
