import { requireRight } from '../../accounts/deeds.js'
import type { Actor } from '../../core/actor.js'
import { AppError } from '../../core/errors.js'
import { event } from '../../core/events.js'
import { newDraftId } from '../../core/ids.js'
import { text } from '../../core/message.js'
import type { Db } from '../../db/database.js'
import { appendIn } from '../../journal/write/append-in.js'
import { withChanger } from '../approval.js'
import { addDraft, type Draft, draftsOf, saveRevision, updateDraft } from '../draft-rows.js'
import { isTree, statedPart, type Tree } from '../inherit.js'
import { findOrigins, findVersion } from '../line-rows.js'
import { findEarlier } from '../line-versions.js'
import { lineSchema, RESERVED_NUMBERS } from '../validate.js'
import {
  type DraftDeps,
  hashOf,
  requireDraft,
  requireState,
  type SeenDraft,
  stepOf,
  withDraft,
} from './draft.js'
import { type MergeConflict, mergeChanges } from './merge-changes.js'
import { type DraftView, showDraft } from './show-draft.js'

/** Most bytes of a draft's JSON, the limit of a request to the API. The longest valid line has some 20 KB. */
const MAX_BYTES = 65_536
/** Deepest nesting of a draft's JSON. A line has four levels. Deeper ones would exhaust the stack. */
const MAX_DEPTH = 16

/** Most drafts of a line among which `beginDraftOnce` searches an equal one. */
const MAX_SEARCHED = 50

/** A draft to begin. */
export interface NewDraft {
  /** Number of the line. */
  line: string
  /** As typed: parsed JSON, unchecked. Undefined: the line in force. */
  input?: unknown
}

/**
 * Begins a draft that restores an earlier version of a line: based on the version in force, with the values of the
 * earlier one.
 *
 * @throws AppError as `findEarlier`, as `beginDraft`
 */
export async function beginFromVersion(
  deps: DraftDeps,
  actor: Actor,
  { line, version }: { line: string; version: number },
): Promise<DraftView> {
  requireRight(actor, 'draft.begin')
  return beginDraftOnce(deps, actor, { line, input: await findEarlier(deps.db, { number: line, version }) })
}

/**
 * Begins a draft of a line, based on the version in force. The line may be new. Several drafts of a line may exist.
 *
 * @throws AppError `request.invalid` for a number that a line cannot have, and for an input that is too long; the
 *   errors of the database
 */
export async function beginDraft(
  deps: DraftDeps,
  actor: Actor,
  { line, input }: NewDraft,
): Promise<DraftView> {
  requireRight(actor, 'draft.begin')
  if (RESERVED_NUMBERS.includes(line))
    throw new AppError(
      'request.invalid',
      text`The console has another page at the address of "${line}", so no line can be called that: choose another number.`,
    )
  if (!lineSchema.shape.number.safeParse(line).success)
    throw new AppError('request.invalid', 'The number of a line has letters, digits and * # +, at most 64.')
  const { db, clock } = deps
  const found = await inForce(db, line)
  const typed = input === undefined ? (found?.own ?? { number: line }) : input
  requireStorable(typed)
  const [id, at, base] = [newDraftId(), clock.now(), found?.version ?? 0]
  const data = { by: actor.name, way: actor.way, draft: id, line, revision: 1, base, hash: hashOf(typed) }
  await db.transaction().execute(async trx => {
    await addDraft(trx, actor, { id, line, base, input: typed, at })
    await appendIn(trx, [event('line.draft-saved', null, at, data)])
  })
  return showDraft(deps, await requireDraft(db, id))
}

/**
 * Begins a draft as `beginDraft` does, or returns an equal unchanged draft that the actor has begun already.
 *
 * @throws AppError as `beginDraft`
 */
export async function beginDraftOnce(deps: DraftDeps, actor: Actor, wanted: NewDraft): Promise<DraftView> {
  requireRight(actor, 'draft.begin')
  const found = await inForce(deps.db, wanted.line)
  const input = wanted.input ?? found?.own ?? { number: wanted.line }
  const own = (await draftsOf(deps.db, wanted.line, MAX_SEARCHED)).find(
    ({ made, revision, state, base, input: typed }) =>
      made.by === actor.name &&
      made.way === actor.way &&
      revision === 1 &&
      state === 'open' &&
      base === (found?.version ?? 0) &&
      hashOf(typed) === hashOf(input),
  )
  return own ? showDraft(deps, own) : beginDraft(deps, actor, wanted)
}

/**
 * Stores the typed input as the next revision. It may be incomplete or wrong. An approval of the former revision is
 * void.
 *
 * @throws AppError `not-found`; `request.conflict` if the actor has not seen the present revision, or the draft is
 *   scheduled, published or discarded; `request.invalid` if it is too long; `journal.refused`; the errors of the
 *   database
 */
export async function changeDraft(
  deps: DraftDeps,
  actor: Actor,
  { input, ...seen }: SeenDraft & { input: unknown },
): Promise<DraftView> {
  requireRight(actor, 'draft.change')
  requireStorable(input)
  await withDraft(deps, seen, (trx, draft) => saveNext(deps, trx, actor, draft, { input, base: draft.base }))
  return showDraft(deps, await requireDraft(deps.db, seen.draft))
}

/** Discards a draft. It stays in the journal. @throws AppError as `changeDraft` */
export async function discardDraft(deps: DraftDeps, actor: Actor, seen: SeenDraft): Promise<void> {
  requireRight(actor, 'draft.discard')
  await withDraft(deps, seen, async (trx, draft) => {
    requireState(draft, EDITABLE, CANCEL_FIRST)
    await updateDraft(trx, draft.id, { state: 'discarded' })
    await appendIn(trx, [event('line.draft-discarded', null, deps.clock.now(), stepOf(actor, draft))])
  })
}

/** A rebased draft, and the fields that both sides had changed. */
export interface RebasedDraft {
  draft: DraftView
  /** Fields that the draft and the line in force have both changed, each to another value. The draft keeps its own. */
  conflicts: MergeConflict[]
}

/**
 * Rebases a draft on the version in force: copies the changes made there, and keeps the draft's own. This makes a new
 * revision, so an approval is void.
 *
 * @throws AppError as `changeDraft`; `request.conflict` also if the line is not in force any more
 */
export async function rebaseDraft(deps: DraftDeps, actor: Actor, seen: SeenDraft): Promise<RebasedDraft> {
  requireRight(actor, 'draft.rebase')
  const conflicts = await withDraft(deps, seen, async (trx, draft) => {
    const [origin] = await findOrigins(trx, { number: draft.line })
    if (!origin)
      throw new AppError(
        'request.conflict',
        text`Line ${draft.line} is not in force: there is nothing to rebase on.`,
      )
    if (origin.policy.version === draft.base)
      throw new AppError('request.conflict', text`This draft is based on version ${draft.base} already.`)
    const before = await findVersion(trx, draft.line, draft.base)
    const merged = mergeChanges(draft.input, before, origin.policy)
    await saveNext(deps, trx, actor, draft, { input: merged.input, base: origin.policy.version })
    return merged.conflicts
  })
  return { draft: await showDraft(deps, await requireDraft(deps.db, seen.draft)), conflicts }
}

const EDITABLE = ['open', 'awaiting-approval', 'approved'] as const
const CANCEL_FIRST = 'Cancel its schedule first.'

async function saveNext(
  { clock }: DraftDeps,
  trx: Db,
  actor: Actor,
  draft: Draft,
  { input, base }: { input: unknown; base: number },
): Promise<void> {
  requireState(draft, EDITABLE, CANCEL_FIRST)
  const [revision, at] = [draft.revision + 1, clock.now()]
  const data = { ...stepOf(actor, { ...draft, revision }), base, hash: hashOf(input) }
  const changers = withChanger(draft.changers, { by: actor.name, way: actor.way })
  await saveRevision(trx, actor, { id: draft.id, base, input, revision, changers, at })
  await appendIn(trx, [event('line.draft-saved', null, at, data)])
}

/** Reads the line in force as its administrator would have written it: its own fields, and the name of its group. */
export async function inForce(db: Db, number: string): Promise<{ version: number; own: Tree } | undefined> {
  const [origin] = await findOrigins(db, { number })
  if (!origin) return undefined
  const { policy, stated, group } = origin
  const { version, ...line } = policy
  const own = stated ? statedPart(line, stated) : { ...line }
  return { version, own: group ? { ...own, group: group.name } : own }
}

function requireStorable(input: unknown): void {
  if (input === undefined) throw new AppError('request.invalid', 'Give the line, as {…}.')
  if (isTooDeep(input, MAX_DEPTH) || Buffer.byteLength(JSON.stringify(input)) > MAX_BYTES)
    throw new AppError(
      'request.invalid',
      text`A draft has at most ${MAX_BYTES} bytes of JSON, and a line's depth.`,
    )
}

const isTooDeep = (value: unknown, left: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (left === 0 ||
    Object.values(isTree(value) ? value : (value as unknown[])).some(one => isTooDeep(one, left - 1)))
