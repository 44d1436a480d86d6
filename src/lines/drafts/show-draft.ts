import { recipientsInForce } from '../../config/own-recipients.js'
import type { ActorWay, Changer } from '../../core/actor.js'
import { AppError, codeOf } from '../../core/errors.js'
import type { DraftId } from '../../core/ids.js'
import { english, type Message, text } from '../../core/message.js'
import { withTyped } from '../../core/typed-text.js'
import type { Db } from '../../db/database.js'
import { type PromptFault, promptFaults, vagueDisclosures } from '../../prompts/contradictions.js'
import { promptsInForce } from '../../prompts/prompts-in-force.js'
import { checkPurposes } from '../../vault/check-setup.js'
import {
  type Draft,
  type DraftState,
  draftsOf,
  draftsOfNoLine,
  type Step,
  unfinishedDrafts,
  waitingDrafts,
} from '../draft-rows.js'
import { EXAMPLE_ADVICE, exampleNames } from '../example-names.js'
import { isTree } from '../inherit.js'
import { type Difference, lineDifferences } from '../line-differences.js'
import { findLines, findVersion } from '../line-rows.js'
import { type ReadLine, tryReadLine } from '../read-line.js'
import type { Line, LineFault } from '../validate.js'
import { type DraftDeps, requireDraft } from './draft.js'
import { changesNothing } from './require-change.js'
import { shownLine } from './shown-line.js'

/** Most drafts in a list. */
const MAX_LISTED = 200

/** Who took a step of a draft, and when. `at`: ISO 8601, UTC. */
export interface ShownStep {
  by: string
  way: ActorWay
  at: string
}

/** A draft as lists show it. */
export interface DraftSummary {
  id: DraftId
  line: string
  /** The line's name in this draft. Null: it has no name. */
  name: string | null
  /** The version that it changes. 0: the number was not a line. */
  base: number
  revision: number
  state: DraftState
  made: ShownStep
  changed: ShownStep
  /** Everybody who has changed it. None of them can approve it. */
  changers: Changer[]
  /** Null if this revision is not approved. */
  approved: ShownStep | null
  /** `at`: the time of publication. Null if it is not scheduled. */
  scheduled: ShownStep | null
  /** Why it was not published at its time. */
  failure: { at: string; reason: Message } | null
  publishedVersion: number | null
}

/** A fault of a draft's field. */
interface CheckedFault extends LineFault {
  /** The name of the prompt that causes it, if any. */
  prompt?: string
}

/** A fault of a draft at one of its fields. */
export interface DraftFault extends CheckedFault {
  /** The path as text, such as `purposes.0.legalBasis`. */
  field: string
}

/** A refusal to approve. `revision`: the one that was refused. */
export interface RefusedApproval extends ShownStep {
  revision: number
  comment: string
}

/** A draft with the typed input and its faults. */
export interface DraftView extends DraftSummary {
  /** As typed. */
  input: unknown
  /** Empty if it can be published. */
  faults: DraftFault[]
  /** Prompts that name the example company of the shipped prompts, which forbid a publication. Empty in a trial. */
  examples: PromptFault[]
  /** Why calls of this line could not be recorded. */
  warnings: Message[]
  /** The comment of the approval. Null: there is no comment, or no approval. */
  approvalComment: string | null
  /** The rejection of the last requested approval, if any. */
  refused: RefusedApproval | null
  /** The differences from the version on which it was begun; null while it has faults, and for a new line. */
  differences: Difference[] | null
  /** Names of the fields that differ from that version, even while it has faults. */
  changedFields: string[]
  /** True if it is equal to the version in force. It cannot be published then. */
  changesNothing: boolean
  /** True if another version is in force than the one on which it was begun. It must be rebased before publication. */
  outdated: boolean
  /** The differences between these two versions; may be empty. */
  changedMeanwhile: Difference[]
}

/** Lists the drafts of a line, or of all lines, that can still be published, the last changed first. */
export const listDrafts = async ({ db }: { db: Db }, line?: string): Promise<DraftSummary[]> =>
  (await (line === undefined ? unfinishedDrafts(db, MAX_LISTED) : draftsOf(db, line, MAX_LISTED))).map(
    summaryOf,
  )

/** Lists the drafts of numbers that are not lines yet and can still be published, the last changed first. */
export const listNewDrafts = async ({ db }: { db: Db }): Promise<DraftSummary[]> =>
  (await draftsOfNoLine(db, MAX_LISTED)).map(summaryOf)

/**
 * Lists drafts that await an approval, a publication, their time, or an operator after a failed publication, the last
 * changed first.
 */
export const listWaitingDrafts = async ({ db }: { db: Db }): Promise<DraftSummary[]> =>
  (await waitingDrafts(db, MAX_LISTED)).map(summaryOf)

/** Finds the last changed draft that can still be published. */
export const latestDraft = async ({ db }: { db: Db }): Promise<DraftId | undefined> =>
  (await unfinishedDrafts(db, 1))[0]?.id

/** Reads one draft, with the typed input and its faults. @throws AppError `not-found` */
export const readDraft = async (deps: DraftDeps, id: string): Promise<DraftView> =>
  showDraft(deps, await requireDraft(deps.db, id))

/** Prepares a draft for people. */
export async function showDraft(deps: DraftDeps, draft: Draft): Promise<DraftView> {
  const { db } = deps
  const { read, faults, examples, warnings } = await checkDraft(deps, db, draft)
  const base = await findVersion(db, draft.line, draft.base)
  const [inForce] = await findLines(db, [draft.line])
  return {
    ...summaryOf(draft),
    ...{ input: draft.input, examples, warnings },
    ...(await decisionsOf(db, draft)),
    faults: faults.map(fault => ({ ...fault, field: fault.path.join('.') })),
    differences: read && base ? lineDifferences(base, { ...read.line, version: base.version }) : null,
    changedFields: base ? lineDifferences(base, await shownLine(db, draft)).map(({ field }) => field) : [],
    changesNothing: read !== undefined && (await changesNothing(db, draft.line, read)),
    outdated: inForce !== undefined && inForce.version !== draft.base,
    changedMeanwhile: base && inForce ? lineDifferences(base, inForce) : [],
  }
}

/** Reads the comments on an approval from the events. Personal data erased there is absent here, too. */
async function decisionsOf(
  db: Db,
  { approved, refusal }: Draft,
): Promise<Pick<DraftView, 'approvalComment' | 'refused'>> {
  const ids = [approved?.event, refusal].filter(id => id !== undefined)
  if (ids.length === 0) return { approvalComment: null, refused: null }
  const rows = await db
    .selectFrom('event')
    .leftJoin('event_personal', 'event_personal.event', 'event.uuid')
    .select(['event.uuid', 'at', 'type', 'event.data', 'event_personal.data as personal'])
    .where('event.uuid', 'in', ids)
    .execute()
  const given = rows.find(({ uuid }) => uuid === approved?.event)
  const refused = rows.find(({ uuid }) => uuid === refusal)
  const said = refused && withTyped('line.approval-refused', refused.data, refused.personal)
  return {
    approvalComment: given ? (withTyped('line.approved', given.data, given.personal).comment ?? null) : null,
    refused: said
      ? {
          ...{ by: said.by ?? '', way: said.way, at: refused.at.toISOString() },
          ...{ revision: said.revision, comment: said.comment ?? '' },
        }
      : null,
  }
}

const summaryOf = ({
  id,
  line,
  base,
  revision,
  state,
  failure,
  publishedVersion,
  input,
  ...steps
}: Draft): DraftSummary => ({
  ...{ id, line, base, revision, state, publishedVersion },
  name: isTree(input) && typeof input['name'] === 'string' ? input['name'] : null,
  made: shown(steps.made),
  changed: shown(steps.changed),
  changers: steps.changers,
  approved: steps.approved ? shown(steps.approved) : null,
  scheduled: steps.scheduled ? shown(steps.scheduled) : null,
  failure: failure ? { at: failure.at.toISOString(), reason: failure.reason } : null,
})

/** A draft of a list for programs and commands, with its messages in English. */
export const summaryInEnglish = <Summary extends DraftSummary>(summary: Summary) => ({
  ...summary,
  failure: summary.failure && { ...summary.failure, reason: english(summary.failure.reason) },
})

/** A draft for programs and commands, with its messages in English. */
export const draftInEnglish = ({ faults, examples, warnings, ...draft }: DraftView) => ({
  ...summaryInEnglish(draft),
  faults: faults.map(({ path, field, text: fault }) => ({ path, message: english(fault), field })),
  examples: examples.map(({ path, text: fault }) => ({ path, message: english(fault) })),
  warnings: warnings.map(english),
})

const shown = ({ by, way, at }: Step): ShownStep => ({ by, way, at: at.toISOString() })

/** The findings of a check. */
interface CheckedDraft {
  /** Undefined if a field is invalid. */
  read: ReadLine | undefined
  faults: CheckedFault[]
  /**
   * Prompts that name the example company. They are not faults of the draft: it can be tried, but not put into force.
   */
  examples: PromptFault[]
  warnings: Message[]
}

/** Checks a draft as `changeLines` checks a line: its fields, its prompts, the places of its purposes. */
export async function checkDraft(
  { config, store, keyStore }: Pick<DraftDeps, 'config' | 'store' | 'keyStore'>,
  db: Db,
  { line, input }: Pick<Draft, 'line' | 'input'>,
): Promise<CheckedDraft> {
  const typed = isTree(input) && input['number'] === undefined ? { ...input, number: line } : input
  const { read, faults } = await tryReadLine(db, typed)
  const known = await promptsInForce(db)
  if (!read) {
    const ofPrompts = HIDING.some(name => faults.some(({ path }) => path[0] === name))
      ? []
      : promptFaults(await shownLine(db, { line, input }), known).map(faultOfPrompt)
    const others = ofPrompts.filter(one => !followsFrom(faults, one))
    return { read, faults: [...faults, ...others], examples: [], warnings: [] }
  }
  if (read.line.number !== line)
    return {
      ...{ read, examples: [], warnings: [] },
      faults: [{ path: ['number'], text: text`is ${line} in this draft` }],
    }
  const ofPrompts = promptFaults(read.line, known).map(faultOfPrompt)
  const examples = await exampleNames(db, read.line, known)
  try {
    const recipients = recipientsInForce(config)
    const ofPurposes = checkPurposes([read.line], { store, keyStore, recipients })
    const warnings = [...vagueDisclosures(read.line, known), ...ofPurposes]
    return { read, faults: ofPrompts, examples, warnings }
  } catch (error) {
    if (codeOf(error) !== 'config.invalid') throw error
    const ofPlaces = { path: ['purposes'], text: (error as AppError).text }
    return { read, faults: [...ofPrompts, ofPlaces], examples, warnings: [] }
  }
}

/** Fields that select all prompts. While one of them is wrong, the prompts that callers would hear are unknown. */
const HIDING = ['group', 'language', 'mode']

/** True if a fault follows from another one at the same field, or from a prompt without a name yet. */
const followsFrom = (faults: readonly LineFault[], { path, prompt }: CheckedFault): boolean =>
  prompt === '' || faults.some(fault => fault.path.join('.') === path.join('.'))

const faultOfPrompt = ({ path, ...fault }: PromptFault): CheckedFault => ({ ...fault, path: stepsOf(path) })

const stepsOf = (path: string): (string | number)[] =>
  path.split('.').map(step => (/^\d+$/.test(step) ? Number(step) : step))

/**
 * Requires a draft without faults.
 *
 * @param why `to try`: it does not come into force, so its prompts may name the example company
 * @returns the line, and messages that say why its calls cannot be recorded
 * @throws AppError `policy.invalid` with each fault
 */
export async function requireValid(
  deps: DraftDeps,
  db: Db,
  draft: Draft,
  why: 'to try' | 'to put into force' = 'to put into force',
): Promise<{ read: ReadLine; line: Line; warnings: Message[] }> {
  const { read, faults, examples, warnings } = await checkDraft(deps, db, draft)
  const hindering = why === 'to try' ? [] : examples
  if (read && faults.length === 0 && hindering.length === 0) return { read, line: read.line, warnings }
  const found = [
    ...faults.map(({ path, text: fault }) => text`  ${{ field: path.join('.') }}: ${fault}`),
    ...hindering.map(({ path, text: fault }) => text`  ${{ field: path }}: ${fault}`),
    ...(hindering.length > 0 ? [EXAMPLE_ADVICE] : []),
  ]
  throw new AppError('policy.invalid', text`The draft is not valid.\n${{ list: found, between: '\n' }}`)
}
