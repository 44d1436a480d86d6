import { requireRight } from '../accounts/deeds.js'
import type { Actor, ActorWay } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import { text } from '../core/message.js'
import type { Db } from '../db/database.js'
import { type ChangedLines, type ChangeLinesDeps, changeLines } from './change-lines.js'
import { type Difference, lineDifferences } from './line-differences.js'
import { findOrigins, lineVersions } from './line-rows.js'
import type { Line } from './validate.js'

export { describeDifferences } from './words/describe-differences.js'

/** One version of a line, with its changes. */
export interface LineVersion {
  version: number
  /** When it was made, ISO 8601, UTC. */
  at: string
  /** Who made it, and by which way. */
  by: string
  way: ActorWay
  /** Who approved it; null without an approval. */
  approvedBy: string | null
  inForce: boolean
  /** The differences from the version before; empty for the first. */
  changes: Difference[]
  /** The differences from the version in force, which restoring it would change. */
  restoring: Difference[]
}

/** Lists all versions of a line, the newest first. @throws AppError `not-found` if the number never was a line */
export async function listVersions({ db }: { db: Db }, number: string): Promise<LineVersion[]> {
  const versions = await stored(db, number)
  const current = versions.find(({ inForce }) => inForce)?.policy
  return versions.map(({ policy, at, by, inForce }, i) => {
    const before = versions[i + 1]?.policy
    return {
      version: policy.version,
      at: at.toISOString(),
      by: by.by,
      approvedBy: by.draft?.approvedBy ?? null,
      way: by.way,
      inForce,
      changes: before ? lineDifferences(before, policy) : [],
      restoring: current ? lineDifferences(current, policy) : [],
    }
  })
}

/**
 * Puts an earlier version of a line into force again, as a new version equal to it. Running calls are unaffected. The
 * version is checked like a new line, because prompts may have changed since.
 *
 * @param request.withoutApproval as for `changeLines`
 * @throws AppError as `findEarlier`, as `changeLines`
 */
export async function restoreVersion(
  deps: ChangeLinesDeps,
  actor: Actor,
  { number, version, withoutApproval }: { number: string; version: number; withoutApproval?: boolean },
): Promise<ChangedLines> {
  requireRight(actor, 'line.restore')
  const line = await findEarlier(deps.db, { number, version })
  const [inForce] = await findOrigins(deps.db, { number })
  const changed = await changeLines(deps, actor, line, { withoutApproval })
  if (!inForce?.group) return changed
  const alone = text`line ${number} states all of its fields now: it does not inherit from group ${inForce.group.name} any more`
  return { ...changed, warnings: [...changed.warnings, alone] }
}

/**
 * Reads an earlier version of a line as an administrator would write it: all values are the line's own.
 *
 * @throws AppError `not-found`; `request.invalid` if restoring it would change nothing
 */
export async function findEarlier(
  db: Db,
  { number, version }: { number: string; version: number },
): Promise<Line> {
  const wanted = (await stored(db, number)).find(({ policy }) => policy.version === version)
  if (!wanted) throw new AppError('not-found', text`Line ${number} has no version ${version}.`)
  const { version: _, ...line } = wanted.policy
  const [inForce] = await findOrigins(db, { number })
  if (wanted.inForce)
    throw new AppError('request.invalid', text`Version ${version} of line ${number} is in force already.`)
  const isEqual = inForce && lineDifferences(inForce.policy, wanted.policy).length === 0
  // An equal version of a line in a group is still a change: the restored line inherits nothing.
  if (isEqual && !inForce.group)
    throw new AppError(
      'request.invalid',
      text`Version ${version} of line ${number} is equal to version ${inForce.policy.version}, which is in force.`,
    )
  return line
}

async function stored(db: Db, number: string) {
  const versions = await lineVersions(db, number)
  if (versions.length > 0) return versions
  throw new AppError('not-found', text`There is no line ${number}. See consentry line list.`)
}
