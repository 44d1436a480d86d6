import type { ActorWay } from '../core/actor.js'
import { withTyped } from '../core/typed-text.js'
import type { Db } from '../db/database.js'
import type { GroupFields } from './validate.js'

/** The fields that the lines of a group share, in one version. */
export interface LineGroup {
  name: string
  version: number
  fields: GroupFields
}

/** One version of a group, with who made it. */
export interface GroupVersion extends LineGroup {
  inForce: boolean
  at: Date
  by: string
  way: ActorWay
  /** Who proposed it, if `by` has approved it as a second person. */
  proposedBy: string | null
  /** The second person's comment. Null without a comment. */
  comment: string | null
}

const inForce = (db: Db) =>
  db.selectFrom('line_group').select(['name', 'version', 'fields']).where('active', '=', true).orderBy('name')

/** The group that is in force under a name; undefined if none exists. */
export async function findGroup(db: Db, name: string): Promise<LineGroup | undefined> {
  const row = await inForce(db).where('name', '=', name).executeTakeFirst()
  return row && { ...row, fields: row.fields as GroupFields }
}

/** Lists the groups in force, by name. */
export async function listGroupRows(db: Db): Promise<LineGroup[]> {
  const rows = await inForce(db).execute()
  return rows.map(row => ({ ...row, fields: row.fields as GroupFields }))
}

/** All versions of a group, the newest first. Empty if there never was one of this name. */
export async function groupVersions(db: Db, wanted: string): Promise<GroupVersion[]> {
  const rows = await db
    .selectFrom('line_group')
    .innerJoin('event', 'event.uuid', 'line_group.event')
    .leftJoin('event_personal', 'event_personal.event', 'event.uuid')
    .select(['name', 'version', 'fields', 'active', 'created_at', 'event.data'])
    .select('event_personal.data as personal')
    .where('name', '=', wanted)
    .orderBy('version', 'desc')
    .execute()
  return rows.map(({ name, version, fields, active, created_at, data, personal }) => {
    const { by = '', way, proposal } = withTyped('line.group-changed', data, personal)
    const made = {
      at: created_at,
      by,
      way,
      proposedBy: proposal?.by ?? null,
      comment: proposal?.comment ?? null,
    }
    return { name, version, fields: fields as GroupFields, inForce: active, ...made }
  })
}
