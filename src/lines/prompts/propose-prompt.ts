import { requireRight } from '../../accounts/deeds.js'
import type { Actor, Changer } from '../../core/actor.js'
import { event } from '../../core/events.js'
import type { ProposalId } from '../../core/ids.js'
import type { Db } from '../../db/database.js'
import { appendIn } from '../../journal/write/append-in.js'
import { type StoredPrompt, selectPrompts } from '../../prompts/stored-prompts.js'
import { commentOf, isApprovalRequired, reasonOf, requireSecondPerson } from '../approval.js'
import {
  addProposal,
  endProposal,
  lastRefused,
  openProposals,
  type Proposal,
  type Refusal,
  requireProposal,
} from '../proposals.js'
import { checkKey, type PromptKey } from './find-prompts.js'
import {
  byOf,
  type ChangedPrompt,
  changePrompt,
  isSamePrompt,
  type PublishDeps,
  type PublishRequest,
  publishPrompt,
  publishUnderLock,
  refOf,
  requirePublishable,
  requireWithdrawable,
  withdrawUnderLock,
} from './publish-prompts.js'

/** What is proposed for a version. */
export const PROPOSED_STEPS = ['publish', 'withdraw'] as const
type Step = (typeof PROPOSED_STEPS)[number]

/** A stored proposal. `state`: of the version, when it was proposed. */
interface Change {
  step: Step
  version: number
  state: StoredPrompt['state']
}

/** A publication or a withdrawal that awaits approval. */
export interface PromptProposal extends PromptKey {
  id: ProposalId
  step: Step
  version: number
  /** The version that was in force. 0: a shipped one, or none. */
  inForce: number
  /** Who proposed it. */
  by: string
  /** ISO 8601, UTC. */
  at: string
  /** Everybody who has a part in it. None of them approves it. */
  changers: Changer[]
  /** True if the version, or the one in force, has changed since. It can then no longer be approved. */
  outdated: boolean
}

/** A proposal that a second person has rejected. */
export interface RefusedPrompt extends PromptProposal {
  refused: Refusal
}

/** A proposal of a prompt, as an actor has seen it. */
export interface SeenPromptProposal {
  name: string
  language: string
  proposal: string
}

/** A second person's decision. */
export interface PromptDecision extends SeenPromptProposal {
  /** As typed. */
  comment?: string | undefined
}

const KIND = 'prompt'
const nameOf = ({ name, language }: { name: string; language: string }): string => `${name}/${language}`

/** Lists what awaits approval, by prompt: of one prompt, or of all. */
export async function openPromptProposals(db: Db, key?: PromptKey): Promise<PromptProposal[]> {
  const found = await openProposals<Change>(db, KIND, key && nameOf(key))
  const all: PromptProposal[] = []
  for (const proposal of found) all.push(await shown(db, proposal))
  return all
}

/** Finds the last proposal of a prompt if it was rejected and the prompt has not changed since. */
export async function refusedPrompt(db: Db, key: PromptKey): Promise<RefusedPrompt | undefined> {
  const last = await lastRefused<Change>(db, KIND, nameOf(key))
  if (!last) return undefined
  const proposal = await shown(db, last)
  return proposal.outdated ? undefined : { ...proposal, refused: last.refused }
}

async function shown(db: Db, proposal: Proposal<Change>): Promise<PromptProposal> {
  const { id, base: inForce, change, by, at } = proposal
  const [name = '', typed = ''] = proposal.name.split('/')
  const { language } = checkKey({ name, language: typed })
  const versions = await selectPrompts(db, { name, language })
  const wanted = versions.find(({ version }) => version === change.version)
  const now = versions.find(({ state }) => state === 'published')?.version ?? 0
  return {
    ...{ id, name, language, step: change.step, version: change.version, inForce, by, at },
    changers: changersOf(proposal, wanted),
    outdated: now !== inForce || wanted?.state !== change.state,
  }
}

/** Whoever proposes takes part. The words and the sound of a version count if callers are to hear it. */
const changersOf = (
  { change: { step }, by, way }: Proposal<Change>,
  wanted: StoredPrompt | undefined,
): Changer[] => [...(step === 'publish' ? (wanted?.changers ?? []) : []), { by, way }]

/** A version, and what is proposed for it. */
export interface ProposeRequest extends PublishRequest {
  step: Step
}

/**
 * Proposes to publish or to withdraw a version, for a second person to approve. It replaces an open proposal of the
 * prompt.
 *
 * @throws AppError as `publishPrompt` and `withdrawPrompt`, except `approval.required`
 */
export async function proposePrompt(
  deps: Pick<PublishDeps, 'db' | 'clock'>,
  actor: Actor,
  { step, ...request }: ProposeRequest,
): Promise<PromptProposal> {
  requireRight(actor, 'prompt.propose')
  await changePrompt(deps, request, async change => {
    const { trx, wanted, published, at } = change
    if (step === 'publish') await requirePublishable(change, request.seen ?? {})
    else await requireWithdrawable(change)
    const base = published.find(one => isSamePrompt(one, wanted))?.version ?? 0
    const { id } = await addProposal<Change>(trx, actor, {
      ...{ kind: KIND, name: nameOf(wanted), base, at: at.getTime() },
      change: { step, version: wanted.version, state: wanted.state },
    })
    const data = { ...refOf(wanted), proposal: id, step, inForce: base, ...byOf(actor) }
    await appendIn(trx, [event('prompt.proposed', null, at.getTime(), data)])
    return null
  })
  return (await openPromptProposals(deps.db, checkKey(request)))[0]!
}

/**
 * Publishes a version, or proposes that where a second person approves prompts. An equal proposal that waits stays.
 * @throws AppError as `publishPrompt`, except `approval.required`
 */
export const publishOrPropose = async (
  deps: PublishDeps,
  actor: Actor,
  request: PublishRequest,
): Promise<void> => {
  if (!isApprovalRequired(deps.config)) return void (await publishPrompt(deps, actor, request))
  const [waiting] = await openPromptProposals(deps.db, checkKey(request))
  if (waiting && !waiting.outdated && waiting.step === 'publish' && waiting.version === request.version)
    return
  await proposePrompt(deps, actor, { ...request, step: 'publish' })
}

/**
 * Approves a proposal, and publishes or withdraws the version, exactly as proposed.
 *
 * @param decision.comment the person's comment; may be empty
 * @throws AppError `person.required` for a program; `not-found`; `approval.required` for everybody who made the words
 *   or the sound, or proposed it, even by a token that they have added; `request.invalid` for a comment that cannot be
 *   stored; `request.conflict` if the prompt has changed since; as `publishPrompt` and `withdrawPrompt`
 */
export async function approvePrompt(
  deps: Pick<PublishDeps, 'db' | 'clock'>,
  actor: Actor,
  { comment: typed = '', ...seen }: PromptDecision,
): Promise<ChangedPrompt> {
  requireRight(actor, 'prompt.approve')
  const comment = commentOf(typed)
  const { key, proposal } = await requireOpen(deps.db, seen)
  const { id, by, base, change } = proposal
  return changePrompt(deps, { ...key, version: change.version }, async one => {
    await requireSecondPerson(one.trx, actor.name, changersOf(proposal, one.wanted))
    // Under the lock this refuses a proposal that was withdrawn or approved meanwhile.
    await endProposal(one.trx, seen, { ended_at: one.at })
    const approval = { proposal: { id, by, ...(comment && { comment }) } }
    return change.step === 'publish'
      ? publishUnderLock(one, actor, { state: change.state, inForce: base }, approval)
      : withdrawUnderLock(one, actor, approval)
  })
}

/**
 * Rejects a proposal with a comment. It ends.
 *
 * @throws AppError `person.required`, `not-found`, `approval.required` as `approvePrompt`; `request.invalid` for a
 *   comment that is empty or cannot be stored; `journal.refused`; the errors of the database
 */
export async function refusePrompt(
  deps: Pick<PublishDeps, 'db' | 'clock'>,
  actor: Actor,
  { comment: typed = '', ...seen }: PromptDecision,
): Promise<void> {
  requireRight(actor, 'prompt.refuse')
  const comment = reasonOf(typed)
  const { key, proposal } = await requireOpen(deps.db, seen)
  await changePrompt(deps, { ...key, version: proposal.change.version }, async ({ trx, wanted, at }) => {
    await requireSecondPerson(trx, actor.name, changersOf(proposal, wanted))
    const data = { ...refOf(wanted), proposal: proposal.id, comment, ...byOf(actor) }
    const refused = event('prompt.proposal-refused', null, at.getTime(), data)
    await endProposal(trx, seen, { ended_at: at, refusal_event: refused.id })
    await appendIn(trx, [refused])
    return null
  })
}

/** Withdraws a proposal. It stays in the journal. @throws AppError `not-found`; `journal.refused`; the errors of the database */
export async function withdrawPromptProposal(
  deps: Pick<PublishDeps, 'db' | 'clock'>,
  actor: Actor,
  seen: SeenPromptProposal,
): Promise<void> {
  requireRight(actor, 'prompt.withdraw-proposal')
  const { key, proposal } = await requireOpen(deps.db, seen)
  await changePrompt(deps, { ...key, version: proposal.change.version }, async ({ trx, wanted, at }) => {
    await endProposal(trx, seen, { ended_at: at })
    const data = { ...refOf(wanted), proposal: proposal.id, ...byOf(actor) }
    await appendIn(trx, [event('prompt.proposal-withdrawn', null, at.getTime(), data)])
    return null
  })
}

/** Finds an open proposal. @throws AppError `not-found`, `request.invalid` */
async function requireOpen(
  db: Db,
  { proposal, ...prompt }: SeenPromptProposal,
): Promise<{ key: PromptKey; proposal: Proposal<Change> }> {
  const key = checkKey(prompt)
  return { key, proposal: await requireProposal<Change>(db, KIND, { name: nameOf(key), proposal }) }
}
