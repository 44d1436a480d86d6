import type { Db } from '../db/database.js'
import { listLines } from '../policy/line-rows.js'
import { type DraftSummary, listWaitingDrafts } from './drafts/show-draft.js'
import { doubtsAbout } from './lines/line-doubts.js'
import { type GroupProposal, openProposals } from './lines/propose-group.js'

/** What waits for a person, besides alarms and what an installation lacks. */
export interface Attention {
  /** Numbers of lines in force that do not agree with their prompts. */
  untrue: string[]
  /** Numbers of lines in force whose disclosure names neither a term nor the key of a withdrawal. */
  vague: string[]
  /** Drafts that await an approval, the last changed first. */
  approvals: DraftSummary[]
  /** Drafts that were not published at their time and still can be, the last changed first. */
  failures: DraftSummary[]
  /** Changes of groups that await an approval, by group. */
  proposals: GroupProposal[]
}

/** Reads what waits for a person. @throws AppError as `doubtsAbout` */
export async function readAttention({ db }: { db: Db }): Promise<Attention> {
  // One after the other: a page that is looked at rarely takes no connections from others.
  const doubts = await doubtsAbout(db, await listLines(db))
  const drafts = await listWaitingDrafts({ db })
  const proposals = await openProposals(db)
  return {
    untrue: doubts.filter(({ faults }) => faults.length > 0).map(({ number }) => number),
    vague: doubts.filter(({ vague }) => vague.length > 0).map(({ number }) => number),
    approvals: drafts.filter(({ state }) => state === 'awaiting-approval'),
    failures: drafts.filter(({ failure }) => failure !== null),
    proposals,
  }
}
