import { requireRight } from '../../accounts/deeds.js'
import type { DepsWith } from '../../accounts/deps.js'
import type { Actor } from '../../core/actor.js'
import { AppError } from '../../core/errors.js'
import { type EventData, event } from '../../core/events.js'
import { english, text } from '../../core/message.js'
import type { Db } from '../../db/database.js'
import { trialSetting } from '../../db/installation.js'
import { takeTurn } from '../../db/locks.js'
import { appendIn } from '../../journal/write/append-in.js'
import { contradictions, missingPrompts } from '../../prompts/contradictions.js'
import { exampleCompanies, exampleCompanyFaults } from '../../prompts/example-company.js'
import { type ManifestEntry, readManifest, shippedPromptFolder } from '../../prompts/manifest.js'
import { withPublished } from '../../prompts/prompts-in-force.js'
import {
  endPrompt,
  publishedPrompts,
  type StoredPrompt,
  selectPrompts,
  startPrompt,
} from '../../prompts/stored-prompts.js'
import { approvalOfDirectChange } from '../approval.js'
import { listLines } from '../line-rows.js'
import { checkKey } from './find-prompts.js'

/** The journal has each event in the transaction of its row, so that there are both or neither. */
export type PublishDeps = DepsWith<'db' | 'clock', 'lineApproval'>

/** Identifies a version. */
export interface VersionRequest {
  name: string
  language: string
  version: number
}

/** A version to publish, and the state that the actor has seen. Absent fields are not compared. */
export interface PublishRequest extends VersionRequest {
  seen?: {
    /** The state of the version. */
    state?: StoredPrompt['state']
    /** The version that was in force. 0: a shipped one, or none. */
    inForce?: number
  }
}

/** A version whose state was changed. */
export interface ChangedPrompt {
  name: string
  language: string
  version: number
  /** The version that was in force before; null for a shipped one, and for a new prompt. */
  replaced: number | null
}

/**
 * Puts a version of a prompt into force, a draft or an earlier one. Running services use it for calls that begin later.
 * Running calls keep their prompts.
 *
 * @param withoutApproval true if a superuser bypasses a required approval
 * @throws AppError `not-found`; `request.invalid` if it is in force; `request.conflict` if the state differs from the
 *   one that the actor has seen; `policy.invalid` if a line in force would be contradicted; `approval.required` where a
 *   second person approves prompts; `journal.refused`; the errors of the database
 */
export async function publishPrompt(
  deps: PublishDeps,
  actor: Actor,
  request: PublishRequest,
  { withoutApproval = false }: { withoutApproval?: boolean } = {},
): Promise<ChangedPrompt> {
  requireRight(actor, 'prompt.publish')
  const approval = approvalOfDirectChange(deps.config, actor, withoutApproval, 'prompt')
  return changePrompt(deps, request, change => publishUnderLock(change, actor, request.seen ?? {}, approval))
}

/** How a change of a prompt was approved, for its event. */
type Approval = Pick<EventData['prompt.published'], 'proposal' | 'approval'>

/**
 * Publishes a version. The caller holds the lock of lines, and has checked the actor's right and the approval.
 * @throws AppError as `publishPrompt`
 */
export async function publishUnderLock(
  change: PromptChange,
  actor: Actor,
  seen: NonNullable<PublishRequest['seen']>,
  approval: Approval,
): Promise<number | null> {
  const { trx, wanted, at } = change
  const former = await requirePublishable(change, seen)
  const replaced = former?.version ?? null
  if (former) await endPrompt(trx, former, { state: 'replaced', by: actor.name, at })
  await startPrompt(trx, wanted, { by: actor.name, at })
  const data = { ...refOf(wanted), replaced, ...byOf(actor), ...approval }
  await appendIn(trx, [event('prompt.published', null, at.getTime(), data)])
  return replaced
}

/**
 * Requires that a version can come into force.
 *
 * @returns the version that it replaces, unless that is a shipped one
 * @throws AppError as `publishPrompt`
 */
export async function requirePublishable(
  { trx, wanted, published }: PromptChange,
  seen: NonNullable<PublishRequest['seen']>,
): Promise<StoredPrompt | undefined> {
  if (wanted.state === 'published')
    throw new AppError(
      'request.invalid',
      text`Version ${wanted.version} of ${wanted.name} is in force already.`,
    )
  const former = published.find(one => isSamePrompt(one, wanted))
  requireSeen(seen, wanted, former)
  const others = published.filter(one => !isSamePrompt(one, wanted))
  await requireAgreement(trx, published, [...others, wanted])
  return former
}

function requireSeen(
  { state, inForce }: NonNullable<PublishRequest['seen']>,
  wanted: StoredPrompt,
  former: StoredPrompt | undefined,
): void {
  if (inForce !== undefined && inForce !== (former?.version ?? 0))
    throw new AppError(
      'request.conflict',
      text`Another version of ${wanted.name} is in force than the one that you saw. Check the prompt again before you continue.`,
    )
  if (state !== undefined && state !== wanted.state)
    throw new AppError(
      'request.conflict',
      text`Somebody has changed version ${wanted.version} of ${wanted.name} meanwhile. Check the prompt again before you continue.`,
    )
}

/** True if the actor has published this version and it is still in force. */
export async function isPublishedBy(
  { db }: Pick<PublishDeps, 'db'>,
  { name: by }: Actor,
  request: VersionRequest,
): Promise<boolean> {
  const [found] = await selectPrompts(db, { ...checkKey(request), version: request.version })
  return found?.state === 'published' && found.publishedBy === by
}

/**
 * Takes a version of a prompt out of force. Where a shipped prompt has the same name, callers hear that again. The version stays, because
 * receipts and calls may name it.
 *
 * @throws AppError `not-found`; `request.invalid` if it is not in force; `policy.invalid` if a line in force needs it;
 *   `approval.required` where a second person approves prompts; the errors of the database
 */
export async function withdrawPrompt(
  deps: PublishDeps,
  actor: Actor,
  request: VersionRequest,
  { withoutApproval = false }: { withoutApproval?: boolean } = {},
): Promise<ChangedPrompt> {
  requireRight(actor, 'prompt.withdraw')
  const approval = approvalOfDirectChange(deps.config, actor, withoutApproval, 'prompt')
  return changePrompt(deps, request, change => withdrawUnderLock(change, actor, approval))
}

/**
 * Withdraws a version. The caller holds the lock of lines, and has checked the actor's right and the approval.
 * @throws AppError as `withdrawPrompt`
 */
export async function withdrawUnderLock(
  change: PromptChange,
  actor: Actor,
  approval: Approval,
): Promise<null> {
  await requireWithdrawable(change)
  await end(change, actor, approval)
  return null
}

/** Requires that a version can be taken out of force. @throws AppError as `withdrawPrompt` */
export async function requireWithdrawable({ trx, wanted, published }: PromptChange): Promise<void> {
  if (wanted.state !== 'published')
    throw new AppError('request.invalid', text`Version ${wanted.version} of ${wanted.name} is not in force.`)
  const others = published.filter(one => !isSamePrompt(one, wanted))
  await requireAgreement(trx, published, others)
}

/**
 * Discards a draft. Callers hear the same prompt as before. The draft stays in the list of versions.
 *
 * @throws AppError `not-found`; `request.conflict` if it is no longer a draft, above all if it is in force now;
 *   `journal.refused`; the errors of the database
 */
export async function discardPrompt(
  deps: PublishDeps,
  actor: Actor,
  request: VersionRequest,
): Promise<ChangedPrompt> {
  requireRight(actor, 'prompt.discard')
  return changePrompt(deps, request, async change => {
    const { name, version, state } = change.wanted
    if (state === 'published')
      throw new AppError(
        'request.conflict',
        text`Version ${version} of ${name} is in force now, so it is no draft to discard. To take it away from callers, withdraw it.`,
      )
    if (state !== 'draft')
      throw new AppError('request.conflict', text`Version ${version} of ${name} is no draft any more.`)
    await end(change, actor, {})
    return null
  })
}

/** Marks a version as withdrawn: one that was in force, or a draft. */
async function end({ trx, wanted, at }: PromptChange, actor: Actor, approval: Approval): Promise<void> {
  await endPrompt(trx, wanted, { state: 'withdrawn', by: actor.name, at })
  const data = { ...refOf(wanted), ...byOf(actor), ...approval }
  await appendIn(trx, [event('prompt.withdrawn', null, at.getTime(), data)])
}

/** The version that an event names. */
export const refOf = ({ name: prompt, language, version, sha256 }: StoredPrompt) => ({
  ...{ prompt, language, version, sha256 },
})
/** Who acts, for an event. */
export const byOf = ({ name: by, way }: Actor) => ({ by, way })

/** A version that is changed under the lock of lines and prompts. `published`: all versions in force. */
export interface PromptChange {
  trx: Db
  wanted: StoredPrompt
  published: StoredPrompt[]
  at: Date
}

/** Finds a version under the lock of lines and prompts, and changes it in one transaction. */
export async function changePrompt(
  { db, clock }: Pick<PublishDeps, 'db' | 'clock'>,
  request: VersionRequest,
  work: (change: PromptChange) => Promise<number | null>,
): Promise<ChangedPrompt> {
  const { name, language } = checkKey(request)
  const { version } = request
  return db.transaction().execute(async trx => {
    await takeTurn(trx, 'lines')
    const [wanted] = await selectPrompts(trx, { name, language, version })
    if (!wanted)
      throw new AppError(
        'not-found',
        text`Prompt ${name} in ${language} has no version ${version} that was made here.`,
      )
    const published = await publishedPrompts(trx)
    const replaced = await work({ trx, wanted, published, at: new Date(clock.now()) })
    return { name, language, version, replaced }
  })
}

/** True for versions of one prompt. */
export const isSamePrompt = (a: ManifestEntry, b: ManifestEntry) =>
  a.name === b.name && a.language === b.language

/**
 * Requires that the change leaves no line in force contradicted, without a prompt, or, outside a trial, with the name
 * of the example company. Lines that already had such a fault do not count.
 *
 * @throws AppError `policy.invalid`
 */
async function requireAgreement(trx: Db, before: ManifestEntry[], after: ManifestEntry[]): Promise<void> {
  const shipped = await readManifest(shippedPromptFolder())
  const lines = await listLines(trx)
  const examples = (await trialSetting(trx)) ? new Set<string>() : exampleCompanies(shipped)
  const faultsWith = (published: ManifestEntry[]) => {
    const words = withPublished(shipped, published)
    return lines.flatMap(line => [
      ...missingPrompts(line, words),
      ...contradictions(line, words),
      ...exampleCompanyFaults(line, words, examples).map(
        ({ path: field, text: fault }) => text`line ${line.number}, ${{ field }}: ${fault}`,
      ),
    ])
  }
  const known = new Set(faultsWith(before).map(english))
  const faults = faultsWith(after).filter(fault => !known.has(english(fault)))
  if (faults.length === 0) return
  const list = { list: faults.map(fault => text`  ${fault}`), between: '\n' }
  throw new AppError(
    'policy.invalid',
    text`Lines in force do not agree with this.\n${list}\nChange the line first, or give the new words another name and name that in the line.`,
  )
}
