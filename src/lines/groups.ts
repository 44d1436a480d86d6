import { requireRight } from '../accounts/deeds.js'
import type { Actor, ActorWay } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import { type EventData, event } from '../core/events.js'
import { type Message, text } from '../core/message.js'
import type { LinePolicy } from '../core/policy.js'
import type { Db } from '../db/database.js'
import { approvalOfDirectChange } from './approval.js'
import { type ChangeLinesDeps, checkSetup } from './change-lines.js'
import { findGroup, groupVersions, listGroupRows } from './group-rows.js'
import { groupDifferences, inherit, statedPart } from './inherit.js'
import { type Difference, lineDifferences } from './line-differences.js'
import { findOrigins, type LineOrigin } from './line-rows.js'
import { type LineChange, lockLines, saveUnderLock } from './save-lines.js'
import { checkLine, faultText, type GroupFields, type LineFault, validateGroup } from './validate.js'

export { groupSchema } from './validate.js'

/** The form of a group's name: lower-case words with hyphens. */
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const MAX_NAME = 40
/** Most bytes of a group's fields in the journal. An event holds 60,000, which includes the former fields. */
const MAX_BYTES = 28_000

/** The fields that the lines of a group share. */
export interface GroupSummary {
  name: string
  version: number
  fields: GroupFields
  /** Numbers of the lines in force that inherit from it. */
  lines: string[]
}

/** A changed group, and the lines that got a new version through it. */
export interface ChangedGroup {
  name: string
  version: number
  lines: LinePolicy[]
  /** Messages that say why calls of these lines cannot be recorded. */
  warnings: Message[]
}

/** A requested change of a group. */
export interface GroupRequest {
  name: string
  /** The fields; parsed JSON, unchecked. */
  input: unknown
  /** The version of the group that the actor has seen. 0: there was none. Undefined: not checked. */
  seen?: number | undefined
}

/** The effect of a change of a group. */
export interface GroupPreview {
  name: string
  /** The version that the group has now; 0 if none exists. */
  version: number
  fields: GroupFields
  /** The values of the group that would change. */
  changes: Difference[]
  /** The lines that would get a new version, each with what changes. */
  lines: { number: string; changes: Difference[] }[]
  /** Messages that say why calls of these lines could not be recorded. */
  warnings: Message[]
}

/**
 * Computes the effect of a change of a group, and saves nothing.
 *
 * @throws AppError as `changeGroup`, except `approval.required` and `journal.*`
 */
export async function previewGroup(
  deps: Omit<ChangeLinesDeps, 'journal' | 'clock'>,
  { name, input, seen }: GroupRequest,
): Promise<GroupPreview> {
  const { db } = deps
  const fields = checkGroup(name, input)
  const [last] = await groupVersions(db, name)
  const version = last?.version ?? 0
  requireSeen(version, seen)
  const origins = await findOrigins(db, { group: name })
  const lines = changesOf(origins, { name, version: version + 1, fields }).map(({ line }) => line)
  const warnings = await checkSetup(db, deps, lines)
  const changes = groupDifferences(last?.inForce ? last.fields : {}, fields)
  return {
    ...{ name, version, fields, changes, warnings },
    lines: lines.map(line => {
      const { policy } = origins.find(one => one.policy.number === line.number)!
      return { number: line.number, changes: lineDifferences(policy, { ...line, version: policy.version }) }
    }),
  }
}

function requireSeen(version: number, seen: number | undefined): void {
  if (seen === undefined || seen === version) return
  throw new AppError(
    'request.conflict',
    text`Somebody has changed the group meanwhile: it has version ${version} now, not ${seen}. Check it again before you continue.`,
  )
}

/** Checks name and fields. @throws AppError `request.invalid` for the name, `policy.invalid` for a field */
function checkGroup(name: string, input: unknown): GroupFields {
  checkGroupName(name)
  const fields = validateGroup(input)
  if (Buffer.byteLength(JSON.stringify(fields)) > MAX_BYTES)
    throw new AppError(
      'policy.invalid',
      'The group is too long to be journalled: shorten its legal bases and reasons.',
    )
  return fields
}

/** Checks a group's name. @throws AppError `request.invalid` */
export function checkGroupName(name: string): void {
  if (!NAME.test(name) || name.length > MAX_NAME)
    throw new AppError(
      'request.invalid',
      'The name of a group is lower-case words joined by hyphens, at most 40 characters.',
    )
}

/**
 * Sets the fields that the lines of a group share, as the group's next version. Each line that inherits a changed field
 * gets a new version. Either all of them do, or none. Running calls are unaffected.
 *
 * @throws AppError `request.invalid` for the name; `request.conflict` if the group has another version than the actor
 *   has seen; `policy.invalid` for a field, and if a line of the group would become invalid; `config.invalid`;
 *   `approval.required` if the installation requires an approval, except for a command that says `withoutApproval`;
 *   `journal.*`
 */
export async function changeGroup(
  deps: ChangeLinesDeps,
  actor: Actor,
  { name, input, seen }: GroupRequest,
  { withoutApproval = false }: { withoutApproval?: boolean | undefined } = {},
): Promise<ChangedGroup> {
  requireRight(actor, 'line-group.set')
  const approval = approvalOfDirectChange(deps.config, actor, withoutApproval)
  return applyGroup(deps, actor, { name, input, seen }, { approval })
}

/** The origin of a change of a group. */
interface GroupOrigin {
  /** The journal's note of a change without a second person. */
  approval?: ReturnType<typeof approvalOfDirectChange>
  /** The proposed change that a second person has approved. */
  proposal?: NonNullable<EventData['line.group-changed']['proposal']>
  /** Called under the lock of lines before the change is saved. If it throws, the change is not made. */
  check?: (trx: Db) => Promise<unknown>
}

/**
 * Changes a group as `changeGroup` does. The caller has checked the right and the approval.
 * @throws AppError as `changeGroup`, except `approval.required`
 */
export async function applyGroup(
  deps: ChangeLinesDeps,
  actor: Actor,
  { name, input, seen }: GroupRequest,
  { approval = {}, proposal, check }: GroupOrigin,
): Promise<ChangedGroup> {
  const fields = checkGroup(name, input)
  return deps.db.transaction().execute(async trx => {
    await lockLines(trx)
    const [last] = await groupVersions(trx, name)
    const version = (last?.version ?? 0) + 1
    requireSeen(version - 1, seen)
    const before = last?.inForce ? last.fields : null
    const changes = changesOf(await findOrigins(trx, { group: name }), { name, version, fields })
    const warnings = await checkSetup(
      trx,
      deps,
      changes.map(({ line }) => line),
    )
    await check?.(trx)
    const made = { by: actor.name, way: actor.way, name, version, before, after: fields }
    const data = { ...made, ...(proposal && { proposal }) }
    const changed = event('line.group-changed', null, deps.clock.now(), data)
    const lines = await saveUnderLock(
      trx,
      deps,
      actor,
      changes.map(one => ({ ...one, ...approval })),
      [changed],
    )
    return { name, version, lines, warnings }
  })
}

/** Computes the new versions of the lines that a change of their group affects. @throws AppError `policy.invalid` */
function changesOf(
  origins: readonly LineOrigin[],
  { name, version, fields }: { name: string; version: number; fields: GroupFields },
): LineChange[] {
  const faults: Message[] = []
  const changes = origins.flatMap(({ policy, stated = [] }): LineChange[] => {
    const { version: _, ...old } = policy
    const { line, faults: own } = checkLine(inherit(statedPart(old, stated), fields))
    faults.push(...own.map(fault => faultOf(old.number, fault)))
    if (!line || lineDifferences(policy, { ...line, version: policy.version }).length === 0) return []
    return [{ line, stated, group: { name, version } }]
  })
  if (faults.length === 0) return changes
  throw new AppError(
    'policy.invalid',
    text`Lines of the group would not be valid.\n${{ list: faults, between: '\n' }}`,
  )
}

const faultOf = (number: string, fault: LineFault): Message => text`  line ${number}: ${faultText(fault)}`

/** Lists the groups in force with their lines, by name. */
export async function listGroups({ db }: { db: Db }): Promise<GroupSummary[]> {
  const groups = await listGroupRows(db)
  const found: GroupSummary[] = []
  for (const group of groups) found.push({ ...group, lines: await linesOf(db, group.name) })
  return found
}

/** One version of a group. `at`: ISO 8601, UTC. */
export interface ShownGroupVersion {
  version: number
  fields: GroupFields
  inForce: boolean
  at: string
  by: string
  way: ActorWay
  /** Who proposed it, if a second person approved it (`by`). */
  proposedBy: string | null
  /** The second person's comment, if any. */
  comment: string | null
  /** The differences from the version before. */
  changes: Difference[]
}

/** A group with all its versions, the newest first. */
export interface GroupView extends GroupSummary {
  versions: ShownGroupVersion[]
}

/** Reads one group. @throws AppError `not-found` */
export async function readGroup({ db }: { db: Db }, name: string): Promise<GroupView> {
  const group = await findGroup(db, name)
  if (!group)
    throw new AppError('not-found', 'There is no group with this name. See consentry line group list.')
  const versions = await groupVersions(db, name)
  return {
    ...group,
    lines: await linesOf(db, name),
    versions: versions.map(({ name: _, at, ...version }, i) => ({
      ...version,
      at: at.toISOString(),
      changes: groupDifferences(versions[i + 1]?.fields ?? {}, version.fields),
    })),
  }
}

const linesOf = async (db: Db, name: string): Promise<string[]> =>
  (await findOrigins(db, { group: name })).map(({ policy }) => policy.number)
