import { requireRight } from '../../accounts/deeds.js'
import type { Actor } from '../../core/actor.js'
import { AppError } from '../../core/errors.js'
import { text } from '../../core/message.js'
import type { Language } from '../../core/policy.js'
import { plainNumber } from '../../core/typed-number.js'
import { isLanguage, languageList } from '../../languages/languages.js'
import { draftsOf } from '../draft-rows.js'
import { findLines } from '../line-rows.js'
import { newLine } from '../new-line.js'
import type { DraftDeps } from './draft.js'
import { beginDraftOnce, inForce } from './edit-draft.js'
import type { DraftView } from './show-draft.js'

/**
 * Begins a draft of a number that is not a line yet, from the template of a new line.
 *
 * @param wanted.number as people write it
 * @throws AppError `request.invalid` for an unknown language; `request.conflict` if the number is a line, whose
 *   settings the template would replace, or if another person has begun a draft of it; as `beginDraft`
 */
export async function beginLine(
  deps: DraftDeps,
  actor: Actor,
  { number: typed, language }: { number: string; language: Language },
): Promise<DraftView> {
  requireRight(actor, 'draft.begin')
  const number = plainNumber(typed)
  if (!isLanguage(language))
    throw new AppError('request.invalid', text`The language of a line is ${languageList()}.`)
  await requireNew(deps, actor, number)
  return beginDraftOnce(deps, actor, { line: number, input: newLine(number, language) })
}

/**
 * Begins a draft of a number that is not a line yet, with the own fields and the group of another line. The name is not
 * copied, because two lines of one name would be confused.
 *
 * @param wanted.like number of the line in force that is copied
 * @param wanted.number of the new line, as people write it
 * @throws AppError `not-found` if there is no such line in force; `request.conflict` if the new number is a line or
 *   another person has begun a draft of it; as `beginDraft`
 */
export async function copyLine(
  deps: DraftDeps,
  actor: Actor,
  { like, number: typed }: { like: string; number: string },
): Promise<DraftView> {
  requireRight(actor, 'draft.begin')
  const number = plainNumber(typed)
  const found = await inForce(deps.db, like)
  if (!found) throw new AppError('not-found', text`There is no line ${like}. See consentry line list.`)
  await requireNew(deps, actor, number)
  const { name: _, ...own } = found.own
  return beginDraftOnce(deps, actor, { line: number, input: { ...own, number } })
}

/** Requires a number without a line and without another person's draft. @throws AppError `request.conflict` */
async function requireNew(deps: DraftDeps, actor: Actor, number: string): Promise<void> {
  if ((await findLines(deps.db, [number])).length > 0)
    throw new AppError(
      'request.conflict',
      text`Line ${number} exists already: open it, and change it there. A new line needs another number.`,
    )
  const others = (await draftsOf(deps.db, number, 1)).filter(({ made }) => made.by !== actor.name)
  if (others[0])
    throw new AppError(
      'request.conflict',
      text`There is a draft of ${number} already, by ${others[0].made.by}: open it, and change it there, or discard it first.`,
    )
}
