/** The part of an event that the log does not publish. It is stored separately, so that it can be erased while the event stays. */
export interface PersonalData {
  /** The caller's number as the PBX gave it. */
  caller?: string
  /** The dialled number, if it is not a line. */
  dialled?: string
  /** The key that the caller pressed as the answer. */
  digit?: string
  /** The words of a spoken answer, from an engine that transcribes. */
  words?: string
  /** The number that a hold or a request concerns. */
  number?: string
  /** The actor. In the code, this field and those below are members of the event's data. */
  by?: string
  /** Who approved the draft of a line. */
  'draft.approvedBy'?: string
  /** Who proposed the change of a group. */
  'proposal.by'?: string
  /** A second person's comment on the change of a group. */
  'proposal.comment'?: string
  /** The name of a user or token. */
  name?: string
  /** The reason of an action. */
  reason?: string
  /** The answer to a request. */
  outcome?: string
  /** The subject of an incident or a training. */
  what?: string
  /** A second person's comment on the draft of a line. */
  comment?: string
  /** The text of a prompt that was saved. */
  text?: string
  /** The words of an alarm or an error, which may name a folder or a server. */
  detail?: string
  /** The name of a node, by default that of its host. */
  node?: string
}
