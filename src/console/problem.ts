import type { FastifyError } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { AppError, codeOf, type ErrorCode } from '../core/errors.js'
import { english, type Message, messageOf, text, textOf } from '../core/message.js'

/** A refusal or failure as an answer (RFC 9457). */
export const problem = z
  .object({
    title: z.string(),
    status: z.int(),
    /** What to do next, for a person. */
    detail: z.string(),
  })
  .meta({ id: 'Problem', description: 'Why a request was refused or failed (RFC 9457)' })
export type Problem = z.infer<typeof problem>

export const PROBLEM_TYPE = 'application/problem+json'

/** A refusal. `message` is the `detail` of its problem, in English; `text` is the same with its values apart. */
export class Refusal extends Error {
  readonly text: Message

  constructor(
    readonly status: number,
    message: string | Message,
  ) {
    const text = messageOf(message)
    super(english(text))
    this.text = text
  }
}

const refusal = (description: string) => ({
  description,
  content: { [PROBLEM_TYPE]: { schema: problem } },
})

/** The answers that any route may give besides its own. */
export const refusals = {
  '4xx': refusal('Refused: the request or the token is not right.'),
  '5xx': refusal('Failed. If the request changes something, that may have been done.'),
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request is malformed',
  401: 'Nobody is known by this',
  403: 'This is not allowed',
  404: 'There is no such thing',
  409: 'Somebody was faster',
  413: 'The request is too large',
  415: 'The request has a wrong media type',
  422: 'The request cannot be carried out',
  429: 'Too many requests',
  500: 'The console failed',
  503: 'The console cannot answer now',
}

export const makeProblem = (status: number, detail: string): Problem => ({
  title: TITLES[status] ?? 'Refused',
  status,
  detail,
})

const STATUS: Partial<Record<ErrorCode, number>> = {
  'not-found': 404,
  'sign-in.refused': 401,
  'sign-in.limited': 429,
  'sign-in.busy': 503,
  'proof.required': 403,
  'person.required': 403,
  'role.required': 403,
  'hearing.refused': 403,
  'request.invalid': 422,
  'request.conflict': 409,
  'approval.required': 403,
  'ring.limited': 429,
  'ring.refused': 422,
  'service.unavailable': 503,
  'policy.invalid': 422,
  'config.invalid': 422,
  'journal.refused': 503,
  'journal.timeout': 503,
  'journal.unwritten': 503,
}

/** Makes the refusal of any error of a request: of its form, of the framework, or of an operation. */
export function refusalOf(error: Error & Partial<FastifyError>): Refusal {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const list = error.validation.map(({ instancePath, message, params }) => {
      const request = instancePath.slice(1).replaceAll('/', '.')
      return text`${{ request }} ${textOf({ message: message ?? '', text: params['text'] })}`
    })
    return new Refusal(400, text`${{ list, between: '; ' }}`)
  }
  const { statusCode } = error
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new Refusal(statusCode, error.message)
  return refusalOfOperation(error)
}

/**
 * Makes the refusal of an operation's error. For an unexpected error the text is general, because its message may quote
 * secrets.
 */
function refusalOfOperation(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  // The message names the database's host, and the requester may not have signed in.
  if (codeOf(error) === 'db.unavailable') return unanswered()
  const status = STATUS[codeOf(error) ?? 'tool.failed']
  if (error instanceof AppError && status) return new Refusal(status, error.text)
  return new Refusal(500, 'This is a fault of the console: its log has the kind of it.')
}

/** Makes the error of a request that could not be journalled. */
export const unjournalled = (): Refusal =>
  new Refusal(
    503,
    'The request could not be journalled. If it changes something, that may have been done: look before you repeat it.',
  )

/** Makes the error of work that takes too long. */
export const unanswered = (): Refusal =>
  new Refusal(
    503,
    'The database does not answer. If the request changes something, that may have been done: look before you repeat it.',
  )
