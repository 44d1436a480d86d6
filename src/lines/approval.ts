import type { Config } from '../config/config.js'
import type { Actor, Changer } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import { text } from '../core/message.js'
import type { Db } from '../db/database.js'

/** True if lines and prompts come into force only after a second person's approval. */
export const isApprovalRequired = ({ lineApproval }: Pick<Config, 'lineApproval'>): boolean =>
  lineApproval === 'required'

/**
 * Refuses to change at once, for callers, what a second person must approve. A superuser of the command may bypass the
 * approval, explicitly.
 *
 * @param withoutApproval the explicit bypass
 * @param of what is changed: a line or a group, or a prompt
 * @returns the journal's note of the bypass
 * @throws AppError `approval.required`
 */
export function approvalOfDirectChange(
  config: Pick<Config, 'lineApproval'>,
  { roles }: Actor,
  withoutApproval: boolean,
  of: 'line' | 'prompt' = 'line',
): { approval?: 'bypassed' } {
  if (!isApprovalRequired(config)) return {}
  const mayBypass = roles.includes('superuser')
  if (mayBypass && withoutApproval) return { approval: 'bypassed' }
  if (of === 'prompt') throw promptRefusal(mayBypass)
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

const promptRefusal = (mayBypass: boolean) =>
  new AppError(
    'approval.required',
    mayBypass
      ? 'Here a second person must approve what callers hear. Propose it with --propose, and let somebody else approve it (consentry prompt proposal approve). In an emergency --without-approval does it at once; the journal says so.'
      : 'Here a second person must approve what callers hear. Propose it (POST /api/v1/prompts/NAME/LANGUAGE/versions/VERSION/proposals), and let somebody else approve it.',
  )

/** Most characters of a comment. */
const MAX_COMMENT = 1_000

/** Text of several lines without control characters and characters that change the writing direction. */
const WRITABLE_LINES =
  /^[^\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]*(?:\n[^\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]*)*$/u

/** Normalizes a second person's comment for storage. It may be empty. @throws AppError `request.invalid` */
export function commentOf(typed: string): string {
  const comment = typed.trim().replaceAll('\r\n', '\n')
  if (comment === '' || (comment.length <= MAX_COMMENT && WRITABLE_LINES.test(comment))) return comment
  throw new AppError(
    'request.invalid',
    text`A comment has at most ${MAX_COMMENT} characters, without control characters.`,
  )
}

/** Normalizes the comment of a rejection, which must not be empty. @throws AppError `request.invalid` */
export function reasonOf(typed: string): string {
  const comment = commentOf(typed)
  if (comment) return comment
  throw new AppError('request.invalid', 'Say why you reject it: the comment is for those who change it next.')
}

/** People type names, so case and outer blanks do not count. */
export const isSamePerson = (one: string, other: string): boolean => fold(one) === fold(other)
const fold = (name: string): string => name.trim().normalize('NFKC').toLowerCase()

/** True if a person is among those who made a change. */
export const isChanger = (changers: readonly Changer[], name: string): boolean =>
  changers.some(({ by }) => isSamePerson(by, name))

/** Those who made a change, with one more person or program, each once. */
export const withChanger = (changers: readonly Changer[], { by, way }: Changer): Changer[] =>
  changers.some(one => one.way === way && isSamePerson(one.by, by))
    ? [...changers]
    : [...changers, { by, way }]

/**
 * Refuses to let a person decide about a change that they took part in: directly, or by a token that they have added.
 * A revoked token's name may be given again, so each person counts who has added a token of that name.
 *
 * @param name of the person who wants to decide
 * @param changers everybody who took part in the change
 * @throws AppError `approval.required`; the errors of the database
 */
export async function requireSecondPerson(db: Db, name: string, changers: readonly Changer[]): Promise<void> {
  const self = changers.find(({ by }) => isSamePerson(name, by))
  if (self)
    throw new AppError(
      'approval.required',
      text`This change is partly by ${self.by}: somebody else must approve it.`,
    )
  const programs = changers.filter(({ way }) => way === 'token').map(({ by }) => by)
  if (programs.length === 0) return
  const tokens = await db
    .selectFrom('token')
    .where('name', 'in', programs)
    .select(['name', 'made_by'])
    .execute()
  const own = tokens.find(({ made_by }) => isSamePerson(name, made_by))
  if (own)
    throw new AppError(
      'approval.required',
      text`This change is partly by the token ${own.name}, which you have added: somebody else must approve it.`,
    )
}
