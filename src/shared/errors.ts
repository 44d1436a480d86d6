/** Every way in which an operation of Consentry fails, as a closed list. Code decides by these, never by message text. */
export type ErrorCode =
  | 'config.invalid'
  | 'policy.invalid'
  | 'db.unavailable'
  | 'clock.doubtful'
  | 'db.migration'
  | 'journal.refused'
  | 'journal.timeout'
  | 'journal.unwritten'
  | 'journal.inconsistent'
  | 'pbx.unavailable'
  | 'pbx.gone'
  | 'pbx.conflict'
  | 'pbx.refused'
  | 'pbx.timeout'
  | 'prompt.missing'
  | 'prompt.damaged'
  | 'prompt.slow'
  | 'key.missing'
  | 'key.refused'
  | 'store.unwritable'
  | 'keys.unwritable'
  | 'container.invalid'
  | 'tap.unavailable'
  | 'not-found'
  | 'rights.blocked'
  | 'rights.invalid'
  | 'tool.missing'
  | 'tool.failed'

export interface ErrorTraits {
  /** The same call may succeed later. */
  retryable?: boolean
  /** The channel is gone: nothing more can be done for this call. */
  endsCall?: boolean
  cause?: unknown
}

/** The one error type of Consentry; `message` is for people and holds no personal data and no secret. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly endsCall: boolean

  constructor(code: ErrorCode, message: string, traits: ErrorTraits = {}) {
    super(message, { cause: traits.cause })
    this.name = 'AppError'
    this.code = code
    this.retryable = traits.retryable ?? false
    this.endsCall = traits.endsCall ?? false
  }
}

/** The code of an `AppError`, or undefined for anything else that was thrown. */
export const codeOf = (error: unknown): ErrorCode | undefined =>
  error instanceof AppError ? error.code : undefined
