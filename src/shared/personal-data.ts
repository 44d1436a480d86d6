/** The part of an event that the log does not publish. It is stored separately, so that it can be erased while the event stays. */
export interface PersonalData {
  /** The caller's number as the PBX gave it. */
  caller?: string
  /** The dialled number, if it is no line. */
  dialled?: string
  /** The key that the caller pressed as the answer. */
  digit?: string
  /** What the caller said as the answer, of an engine that transcribes. */
  words?: string
  /** The number that a hold or a request concerns. */
  number?: string
  /** Who acted. This and the rest is a member of the event's data in the code. */
  by?: string
  /** Who approved the draft of a line. */
  'draft.approvedBy'?: string
  /** Who proposed the change of a group. */
  'proposal.by'?: string
  /** What somebody said to a decision about it. */
  'proposal.comment'?: string
  /** The name of a user or token. */
  name?: string
  /** Why somebody acted. */
  reason?: string
  /** How a request was answered. */
  outcome?: string
  /** What an incident or a training was about. */
  what?: string
  /** What a second person said to the draft of a line. */
  comment?: string
  /** The text of a prompt that was saved. */
  text?: string
  /** The words of an alarm or an error, which may name a folder or a server. */
  detail?: string
  /** The name of a node, by default that of its host. */
  node?: string
}
