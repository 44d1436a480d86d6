import type { ActorWay } from './actor.js'
import type { DraftId, ProposalId } from './ids.js'
import type { LinePolicy } from './policy.js'

/** A step of a draft. `revision`: the one that the step is about. */
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
  /** Who approved this revision. Absent if nobody did. */
  approvedBy?: string
  /** For which time it was scheduled, ISO 8601, UTC. Absent if a person published it at once. */
  publishAt?: string
  /** How long after that time it was published, ms. */
  lateMs?: number
}

/** The events of lines, their drafts and their groups. */
export interface LineEvents {
  /**
   * The policy of a line before and after, as stored. `before`: null for a new line. `stated`: paths of the fields that the line
   * states itself. `group`: from which it inherits others. `draft`: from which it was published. `approval`: `bypassed` if the
   * installation requires an approval, and the command put the line into force without one. Older versions journalled only the
   * first four.
   */
  'line.changed': {
    by: string
    way: ActorWay
    before: LinePolicy | null
    after: LinePolicy
    stated?: string[]
    group?: { name: string; version: number }
    draft?: PublishedDraft
    approval?: 'bypassed'
  }
  /**
   * The fields that the lines of a group share, before and after. `before`: null for a new group. `proposal`: which proposed change this
   * is, and whose; `by` has approved it then. `comment`: what that person said, if anything.
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
  /** A change of a group waits for a second person. `base`: the version that it changes, 0 for a new group. */
  'line.group-proposed': {
    by: string
    way: ActorWay
    proposal: ProposalId
    name: string
    base: number
    fields: object
  }
  'line.group-proposal-withdrawn': { by: string; way: ActorWay; proposal: ProposalId; name: string }
  /** A second person did not approve a proposed change of a group, and said why. */
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
   * A second person approved this revision. `hash`: as in `line.draft-saved`. `lineHash`: SHA-256 of the whole line, with what it
   * inherits and all defaults, likewise. `comment`: what the person said, if anything.
   */
  'line.approved': DraftStep & { hash: string; lineHash: string; comment?: string }
  /** A second person did not approve this revision, and said why. */
  'line.approval-refused': DraftStep & { comment: string }
  /** `publishAt`: ISO 8601, UTC. */
  'line.scheduled': DraftStep & { publishAt: string }
  'line.schedule-cancelled': DraftStep & { publishAt: string }
  /** A scheduled draft was due and could not be published. `by`: who scheduled it. `code`: of the error. `reason`: for people. */
  'line.publication-failed': DraftStep & { publishAt: string; code: string; reason: string }
}
