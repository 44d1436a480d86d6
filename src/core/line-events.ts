import type { ActorWay } from './actor.js'
import type { DraftId, ProposalId } from './ids.js'
import type { LinePolicy } from './policy.js'

/** A step of a draft. `revision`: the revision that the step concerns. */
interface DraftStep {
  by: string
  way: ActorWay
  draft: DraftId
  line: string
  revision: number
}

/** The draft from which a version of a line came. */
export interface PublishedDraft {
  id: DraftId
  revision: number
  /** Who approved this revision. Absent without an approval. */
  approvedBy?: string
  /** The scheduled time, ISO 8601, UTC. Absent if a person published it at once. */
  publishAt?: string
  /** How long after that time it was published, ms. */
  lateMs?: number
}

/** The events of lines, their drafts and their groups. */
export interface LineEvents {
  /**
   * The policy of a line before and after, as stored. `before`: null for a new line. `stated`: paths of the line's own
   * fields. `group`: the group from which it inherits others. `draft`: the draft from which it was published.
   * `approval`: `bypassed` if the command skipped a required approval.
   */
  'line.changed': {
    by: string
    way: ActorWay
    before: LinePolicy | null
    after: LinePolicy
    stated: string[]
    group?: { name: string; version: number }
    draft?: PublishedDraft
    approval?: 'bypassed'
  }
  /**
   * The shared fields of a group's lines, before and after. `before`: null for a new group. `proposal`: the proposed
   * change and its author; `by` is then the person who approved it. `comment`: that person's comment, if any.
   */
  'line.group-changed': {
    by: string
    way: ActorWay
    name: string
    version: number
    before: object | null
    after: object
    proposal?: { id: ProposalId; by: string; comment?: string }
  }
  /** A change of a group awaits approval. `base`: the version that it changes, 0 for a new group. */
  'line.group-proposed': {
    by: string
    way: ActorWay
    proposal: ProposalId
    name: string
    base: number
    fields: object
  }
  'line.group-proposal-withdrawn': { by: string; way: ActorWay; proposal: ProposalId; name: string }
  /** A second person rejected a proposed change of a group. `comment`: why. */
  'line.group-proposal-refused': {
    by: string
    way: ActorWay
    proposal: ProposalId
    name: string
    comment: string
  }
  /** A draft was begun, changed or rebased. `base`: the version that it changes. `hash`: SHA-256 of its canonical JSON, hex. */
  'line.draft-saved': DraftStep & { base: number; hash: string }
  'line.draft-discarded': DraftStep
  'line.approval-requested': DraftStep
  /**
   * A second person approved this revision. `hash`: as in `line.draft-saved`. `lineHash`: the same for the whole line,
   * with inherited fields and defaults. `comment`: the person's comment, if any.
   */
  'line.approved': DraftStep & { hash: string; lineHash: string; comment?: string }
  /** A second person rejected this revision. `comment`: why. */
  'line.approval-refused': DraftStep & { comment: string }
  /** `publishAt`: ISO 8601, UTC. */
  'line.scheduled': DraftStep & { publishAt: string }
  'line.schedule-cancelled': DraftStep & { publishAt: string }
  /**
   * A scheduled draft was due and could not be published. `by`: the person who scheduled it. `code`: of the error.
   * `reason`: a message.
   */
  'line.publication-failed': DraftStep & { publishAt: string; code: string; reason: string }
}
