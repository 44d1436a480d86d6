import type { Db } from '../db/database.js'
import { listLines } from '../policy/line-rows.js'
import { listWithdrawnElsewhere } from '../rights/withdrawn-elsewhere.js'
import type { Clock } from '../shared/clock.js'
import { type DraftSummary, listWaitingDrafts } from './drafts/show-draft.js'
import { doubtsAbout } from './lines/line-doubts.js'
import { type LineNames, namesOf } from './lines/line-names.js'
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
  /** Callers who took a yes back and are still heard in recordings of others: how many, and by which day somebody must decide. */
  heardElsewhere: { callers: number; dueOn: string } | undefined
  /** What the lines in force are called. */
  names: LineNames
}

/** Reads what waits for a person. @throws AppError as `doubtsAbout` */
export async function readAttention({ db, clock }: { db: Db; clock: Clock }): Promise<Attention> {
  // One after the other: a page that is looked at rarely takes no connections from others.
  const lines = await listLines(db)
  const doubts = await doubtsAbout(db, lines)
  const drafts = await listWaitingDrafts({ db })
  const proposals = await openProposals(db)
  const withdrawn = await listWithdrawnElsewhere(db, clock.now())
  return {
    untrue: doubts.filter(({ faults }) => faults.length > 0).map(({ number }) => number),
    vague: doubts.filter(({ vague }) => vague.length > 0).map(({ number }) => number),
    approvals: drafts.filter(({ state }) => state === 'awaiting-approval'),
    failures: drafts.filter(({ failure }) => failure !== null),
    proposals,
    names: namesOf(lines),
    heardElsewhere: withdrawn[0] && { callers: withdrawn.length, dueOn: withdrawn[0].dueOn },
  }
}
