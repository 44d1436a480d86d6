import { english, type Message, messageOf, textOf } from './message.js'

/** All kinds of failures. Code decides by these, never by message text. */
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
  /** The request makes no sense, such as a hold that ends in the past. */
  | 'request.invalid'
  /** Name, passphrase or code is wrong, or the link of an invitation. The message never names which. */
  | 'sign-in.refused'
  /** Too many failed attempts. `TooManyAttempts` has the time from which the next one counts. */
  | 'sign-in.limited'
  /** The queue of passphrase checks is full. */
  | 'sign-in.busy'
  /** A fresh proof of identity is needed. */
  | 'proof.required'
  /** Only a person may do it, not a program with a token. */
  | 'person.required'
  /** The actor has none of the roles that may do it. */
  | 'role.required'
  /** The person must first acknowledge the rules in force, or be trained. */
  | 'hearing.refused'
  /** The request is for an outdated state, such as a draft that another person has changed meanwhile. */
  | 'request.conflict'
  /** A second person must approve first. */
  | 'approval.required'
  /** Too many phones were rung within a minute. */
  | 'ring.limited'
  /** The PBX does not ring the phone. */
  | 'ring.refused'
  /** The service does not run, or cannot do it now. */
  | 'service.unavailable'
  /** The speech process does not run, or its engine cannot hear this language now. */
  | 'speech.unavailable'
  /** The setting is missing that the engine needs to hear this language. The message names the setting. */
  | 'speech.not-set-up'
  /** The engine hears as many callers as it may. */
  | 'speech.busy'
  | 'speech.failed'
  | 'speech.timeout'
  | 'rights.blocked'
  | 'rights.held'
  | 'rights.invalid'
  | 'tool.missing'
  | 'tool.failed'
  /** Another user can exchange the file, and may not have it opened by root. */
  | 'file.refused'

export interface ErrorTraits {
  /** True if the same operation may succeed later. */
  retryable?: boolean
  /** True if the channel has ended, so that no further order can reach the call. */
  endsCall?: boolean
  cause?: unknown
}

/**
 * The error type of Consentry. `message` is for people, in English, and has no personal data and no secrets. `text` is
 * the same with its values apart, so that the console can translate it.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly endsCall: boolean
  readonly text: Message

  constructor(code: ErrorCode, message: string | Message, traits: ErrorTraits = {}) {
    const text = messageOf(message)
    super(english(text), { cause: traits.cause })
    this.text = text
    this.name = 'AppError'
    this.code = code
    this.retryable = traits.retryable ?? false
    this.endsCall = traits.endsCall ?? false
  }
}

/** The code of an `AppError`; undefined for all other values. */
export const codeOf = (error: unknown): ErrorCode | undefined =>
  error instanceof AppError ? error.code : undefined

/** The message of an error with its values apart, as far as it has them. */
export const errorText = (error: unknown): Message => textOf(error as Error)
