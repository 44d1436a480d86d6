import type { ColumnType, Generated } from 'kysely'
import type { ActorWay } from '../core/actor.js'
import type { DraftId, EventId, ProposalId } from '../core/ids.js'
import type { ReadOnly } from './read-only.js'

/** Lines: their versions, drafts and groups. */
export interface LineTables {
  line: LineTable
  line_draft: LineDraftTable
  line_group_proposal: LineGroupProposalTable
  line_group: LineGroupTable
}

interface LineTable {
  number: string
  version: number
  policy: ColumnType<unknown, string, never>
  active: Generated<boolean>
  created_at: ReadOnly<Date>
  /** The version's `line.changed`. Null if the version is older than this event. */
  event: ReadOnly<EventId | null>
  group_name: ReadOnly<string | null>
  group_version: ReadOnly<number | null>
  /** Paths of the fields that the line states itself. Null if the version is older than this column. */
  stated: ReadOnly<string[] | null>
}

/** The state of a draft of a line. The last two are final. */
export type DraftState = 'open' | 'awaiting-approval' | 'approved' | 'scheduled' | 'published' | 'discarded'

interface LineDraftTable {
  id: DraftId
  line: string
  base: number
  /** As it was typed. */
  input: ColumnType<unknown, string, string>
  revision: number
  state: Generated<DraftState>
  made_at: Date
  made_by: string
  made_way: ActorWay
  changed_at: Date
  changed_by: string
  changed_way: ActorWay
  approved_revision: Generated<number | null>
  approved_at: Generated<Date | null>
  approved_by: Generated<string | null>
  approved_way: Generated<ActorWay | null>
  approved_hash: Generated<string | null>
  approval_event: Generated<EventId | null>
  refusal_event: Generated<EventId | null>
  publish_at: Generated<Date | null>
  scheduled_by: Generated<string | null>
  scheduled_way: Generated<ActorWay | null>
  failure: Generated<string | null>
  failed_at: Generated<Date | null>
  published_version: ReadOnly<number | null>
}

interface LineGroupTable {
  name: ReadOnly<string>
  version: ReadOnly<number>
  fields: ReadOnly<unknown>
  active: ReadOnly<boolean>
  created_at: ReadOnly<Date>
  event: ReadOnly<EventId>
}

interface LineGroupProposalTable {
  id: ProposalId
  name: string
  base: number
  fields: ColumnType<unknown, string, never>
  made_at: Date
  made_by: string
  made_way: ActorWay
  ended_at: ColumnType<Date | null, undefined, Date>
  refusal_event: ColumnType<EventId | null, undefined, EventId>
}
