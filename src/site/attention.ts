import type { Clock } from '../core/clock.js'
import type { Db } from '../db/database.js'
import { type DraftSummary, listWaitingDrafts } from '../lines/drafts/show-draft.js'
import { doubtsAbout } from '../lines/line-doubts.js'
import { type LineNames, namesOf } from '../lines/line-names.js'
import { listLines } from '../lines/line-rows.js'
import { openPromptProposals, type PromptProposal } from '../lines/prompts/propose-prompt.js'
import { type GroupProposal, openGroupProposals } from '../lines/propose-group.js'
import { listWithdrawnElsewhere } from '../rights/withdrawn-elsewhere.js'

/** Tasks of an operator, besides alarms and unfinished setup. */
export interface Attention {
  /** Numbers of lines in force whose prompts contradict them. */
  untrue: string[]
  /** Numbers of lines in force whose disclosure lacks the retention or the key for a withdrawal. */
  vague: string[]
  /** Drafts that await an approval, the last changed first. */
  approvals: DraftSummary[]
  /** Drafts that were not published at their time and still can be, the last changed first. */
  failures: DraftSummary[]
  /** Changes of groups that await an approval, by group. */
  proposals: GroupProposal[]
  /** Changes of prompts that await an approval, by prompt. */
  prompts: PromptProposal[]
  /**
   * Callers who withdrew and are still heard in recordings of other callers: their count, and the day by which to
   * decide.
   */
  heardElsewhere: { callers: number; dueOn: string } | undefined
  /** The names of the lines in force. */
  names: LineNames
}

/** Reads the tasks of an operator. @throws AppError as `doubtsAbout` */
export async function readAttention({ db, clock }: { db: Db; clock: Clock }): Promise<Attention> {
  // Queries run one after another: this page is opened rarely and leaves the connections to others.
  const lines = await listLines(db)
  const doubts = await doubtsAbout(db, lines)
  const drafts = await listWaitingDrafts({ db })
  const proposals = await openGroupProposals(db)
  const prompts = await openPromptProposals(db)
  const withdrawn = await listWithdrawnElsewhere(db, clock.now())
  return {
    untrue: doubts.filter(({ faults }) => faults.length > 0).map(({ number }) => number),
    vague: doubts.filter(({ vague }) => vague.length > 0).map(({ number }) => number),
    approvals: drafts.filter(({ state }) => state === 'awaiting-approval'),
    failures: drafts.filter(({ failure }) => failure !== null),
    proposals,
    prompts,
    names: namesOf(lines),
    heardElsewhere: withdrawn[0] && { callers: withdrawn.length, dueOn: withdrawn[0].dueOn },
  }
}
