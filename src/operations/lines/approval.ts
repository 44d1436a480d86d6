import type { Config } from '../../config/config.js'
import type { Db } from '../../db/database.js'
import type { Actor } from '../../shared/actor.js'
import { AppError } from '../../shared/errors.js'

/** Whether this installation lets a line come into force only after a second person's approval. */
export const isApprovalRequired = ({ lineApproval }: Pick<Config, 'lineApproval'>): boolean =>
  lineApproval === 'required'

/**
 * Refuses to put a line into force without a draft where an approval is required. Whoever may run the command can do without one, and has to
 * say so.
 *
 * @param withoutApproval whether they say so
 * @returns what the journal says of it
 * @throws AppError `approval.required`
 */
export function approvalOfDirectChange(
  config: Pick<Config, 'lineApproval'>,
  { roles }: Actor,
  withoutApproval: boolean,
): { approval?: 'bypassed' } {
  if (!isApprovalRequired(config)) return {}
  const mayBypass = roles.includes('superuser')
  if (mayBypass && withoutApproval) return { approval: 'bypassed' }
  if (mayBypass)
    throw new AppError(
      'approval.required',
      'Here a second person must approve a change of lines. Begin a draft (consentry line draft new NUMBER, with --version N to go back to an earlier version) or propose the change of a group (line group propose), and let somebody else approve it. In an emergency --without-approval does it at once; the journal says so.',
    )
  throw new AppError(
    'approval.required',
    'Here a second person must approve a line. Save it as a draft (POST /api/v1/lines/NUMBER/drafts), request the approval, and publish it once somebody else has approved it.',
  )
}

/** Most characters of a comment. */
const MAX_COMMENT = 1_000

/** Text of several lines, without control characters and those that turn the direction of writing. */
const WRITABLE_LINES =
  /^[^\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]*(?:\n[^\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]*)*$/u

/** What a second person said to a decision, as it is stored. Empty: nothing. @throws AppError `request.invalid` */
export function commentOf(typed: string): string {
  const comment = typed.trim().replaceAll('\r\n', '\n')
  if (comment === '' || (comment.length <= MAX_COMMENT && WRITABLE_LINES.test(comment))) return comment
  throw new AppError(
    'request.invalid',
    `A comment has at most ${MAX_COMMENT} characters, without control characters.`,
  )
}

/** The same of a rejection, which needs a comment. @throws AppError `request.invalid` */
export function reasonOf(typed: string): string {
  const comment = commentOf(typed)
  if (comment) return comment
  throw new AppError('request.invalid', 'Say why you reject it: the comment is for those who change it next.')
}

/** Names are typed by people, so they are compared without case and outer blanks. */
export const isSamePerson = (one: string, other: string): boolean => fold(one) === fold(other)
const fold = (name: string): string => name.trim().normalize('NFKC').toLowerCase()

/**
 * Tells whether somebody is behind a change: by having made it, or by having added the token with which it was made. A token has a name
 * of its own, and its name may have been given again after it was revoked, so everybody counts who has added one of that name.
 *
 * @param name of who is to approve the change
 * @param made who made the change, and how
 * @returns `token`: by a token that the person has added
 * @throws the database's error
 */
export async function isBehind(
  db: Db,
  name: string,
  { by, way }: Pick<Actor, 'way'> & { by: string },
): Promise<'self' | 'token' | undefined> {
  if (isSamePerson(name, by)) return 'self'
  if (way !== 'token') return undefined
  const tokens = await db.selectFrom('token').where('name', '=', by).select('made_by').execute()
  return tokens.some(({ made_by }) => isSamePerson(name, made_by)) ? 'token' : undefined
}
