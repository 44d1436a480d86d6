import type { EventData, EventType } from './events.js'

/** Members of an event's data that may be any text, and not one of a few words. */
type TextMember<Data> = {
  [Name in keyof Data]-?: string extends NonNullable<Data[Name]> ? Name : never
}[keyof Data] &
  string

/** Texts one level down, by their path. */
interface NestedText {
  'line.changed': 'draft.approvedBy'
  'line.group-changed': 'proposal.by' | 'proposal.comment'
  'prompt.published': 'proposal.by' | 'proposal.comment'
  'prompt.withdrawn': 'proposal.by' | 'proposal.comment'
}

type Path<T extends EventType> =
  | TextMember<EventData[T]>
  | (T extends keyof NestedText ? NestedText[T] : never)

/**
 * Texts of an event's data that the log does not publish. They are stored in the event's personal part under these
 * paths. A path is never removed, because the journal keeps its events.
 *
 * - Texts that people type: names, reasons, outcomes. They may contain a caller's number or name.
 * - Texts that may name this machine, its folders or its servers: the name of a node, the words of an alarm, messages
 *   of errors.
 *
 * The log publishes texts that callers hear or may read: the settings of lines and groups, the company's name, and
 * prompts in force.
 */
const TYPED = {
  'service.started': ['node'],
  'alarm.raised': ['detail'],
  'clock.checked': ['by'],
  'recording.opened': ['by', 'reason'],
  'trial.started': ['by'],
  'probe.finished': ['by'],
  'act.closed': ['by', 'reason'],
  'purge.refused': ['by'],
  'personal.expired': ['by'],
  'hold.placed': ['by', 'reason'],
  'hold.released': ['by', 'reason'],
  'person.found': ['by'],
  'person.exported': ['by'],
  'person.corrected': ['by', 'reason'],
  'person.erased': ['by', 'reason'],
  'request.received': ['by'],
  'request.closed': ['by', 'outcome'],
  'incident.opened': ['by', 'what'],
  'incident.closed': ['by'],
  'prompt.saved': ['by', 'text'],
  'prompt.published': ['by', 'proposal.by', 'proposal.comment'],
  'prompt.withdrawn': ['by', 'proposal.by', 'proposal.comment'],
  'prompt.proposed': ['by'],
  'prompt.proposal-withdrawn': ['by'],
  'prompt.proposal-refused': ['by', 'comment'],
  'prompt.unusable': ['detail'],
  'token.added': ['by', 'name'],
  'token.revoked': ['by', 'name'],
  'console.requested': ['by'],
  'console.limited': ['by'],
  'keys.rotated': ['by'],
  'keys.swept': ['node'],
  'log.key-rotated': ['by'],
  'line.changed': ['by', 'draft.approvedBy'],
  'line.group-changed': ['by', 'proposal.by', 'proposal.comment'],
  'line.group-proposed': ['by'],
  'line.group-proposal-withdrawn': ['by'],
  'line.group-proposal-refused': ['by', 'comment'],
  'line.draft-saved': ['by'],
  'line.draft-discarded': ['by'],
  'line.approval-requested': ['by'],
  'line.approved': ['by', 'comment'],
  'line.approval-refused': ['by', 'comment'],
  'line.scheduled': ['by'],
  'line.schedule-cancelled': ['by'],
  'line.publication-failed': ['by', 'reason'],
  'user.invited': ['by', 'name'],
  'user.accepted': ['name'],
  'user.passkey-registered': ['name'],
  'user.passkey-removed': ['by', 'name'],
  'user.roles-changed': ['by', 'name'],
  'user.disabled': ['by', 'name'],
  'user.enabled': ['by', 'name'],
  'user.reset': ['by', 'name'],
  'user.signed-in': ['name'],
  'user.sign-in-refused': ['name'],
  'user.proved': ['name'],
  'user.passphrase-changed': ['name'],
  'user.second-factor-changed': ['name'],
  'user.recovery-codes-renewed': ['name'],
  'session.ended': ['by', 'name'],
  'rules.published': ['by'],
  'rules.acknowledged': ['name'],
  'training.recorded': ['by', 'name', 'what'],
  'company.changed': ['by'],
  'company.trial-changed': ['by'],
  'recipients.added': ['by', 'node'],
} as const satisfies { [T in EventType]?: readonly Path<T>[] }

/** Members of any event whose text the log publishes: ids, times, codes, names of settings, and what programs write. None names this machine. */
export const PUBLIC_MEMBERS = [
  'action',
  'after',
  'agent',
  'at',
  'beganAt',
  'before',
  'channel',
  'check',
  'code',
  'doubt',
  'due',
  'dueOn',
  'endpoint',
  'engine',
  'expiresAt',
  'hash',
  'hash512',
  'incident',
  'keepUntil',
  'keeps',
  'kind',
  'language',
  'law',
  'legalBasis',
  'line',
  'lineHash',
  'mode',
  'noticedAt',
  'object',
  'on',
  'openedAt',
  'pbx',
  'phase',
  'prompt',
  'publishAt',
  'purpose',
  'queue',
  'request',
  'sha256',
  'since',
  'statement',
  'tap',
  'to',
  'utcOffset',
  'version',
  'voice',
] as const
type PublicMember = (typeof PUBLIC_MEMBERS)[number]

/** Members that are public in some events and typed in others. */
interface PublicTexts {
  reason:
    | 'call.decided'
    | 'call.passed-through'
    | 'call.released'
    | 'consent.answered'
    | 'pbx.lost'
    | 'prompt.ended'
    | 'prompt.unusable'
    | 'recording.failed'
    | 'recording.finished'
    | 'recording.gap'
    | 'service.stopped'
    | 'speech.lost'
    | 'trial.ended'
  /** The setting that is missing. */
  detail: 'speech.lost'
  /** The prompt that the caller heard. */
  text: 'prompt.ended'
  /** Of a group of lines. */
  name: `line.group-${'changed' | 'proposed' | 'proposal-withdrawn' | 'proposal-refused'}`
}

type Typed<T extends EventType> = T extends keyof typeof TYPED ? (typeof TYPED)[T][number] : never
type Public<T extends EventType> =
  | PublicMember
  | { [Name in keyof PublicTexts]: T extends PublicTexts[Name] ? Name : never }[keyof PublicTexts]

/** `event: member` of each text that is neither typed nor public. */
type Undecided = {
  [T in EventType]: `${T}: ${Exclude<TextMember<EventData[T]>, Typed<T> | Public<T>>}`
}[EventType]

/** The compiler refuses an event with a text that is neither marked for publication in the log nor against it. */
const undecided: [Undecided] extends [never] ? undefined : Undecided = undefined
void undecided

type Data = Readonly<Record<string, unknown>>

/** All events with such texts. */
export const TYPED_EVENTS = Object.keys(TYPED) as readonly EventType[]

/** Paths of the texts of this event that the log does not publish. Undefined if there are none. */
export const typedIn = (type: EventType): readonly string[] | undefined =>
  (TYPED as { [T in EventType]?: readonly string[] })[type]

/** The data of an event without the texts that the log does not publish, and these by path. `typed` is undefined if there are none. */
export function separateTyped(type: EventType, data: Data): { open: Data; typed?: Record<string, string> } {
  const paths = typedIn(type)
  if (!paths) return { open: data }
  const open: Record<string, unknown> = { ...data }
  const typed: Record<string, string> = {}
  for (const path of paths) {
    const [first, second] = path.split('.') as [string, string?]
    const holder = second === undefined ? open : { ...(open[first] as object | undefined) }
    const name = second ?? first
    const text = (holder as Record<string, unknown>)[name]
    if (typeof text !== 'string') continue
    typed[path] = text
    delete (holder as Record<string, unknown>)[name]
    if (second !== undefined) open[first] = holder
  }
  return Object.keys(typed).length > 0 ? { open, typed } : { open: data }
}

/**
 * The data of an event with the texts that the log does not publish.
 *
 * @param personal the personal part; null if it is missing or was erased
 */
export function withTyped<T extends EventType>(type: T, data: object, personal: object | null): EventData[T] {
  const whole: Record<string, unknown> = { ...data }
  for (const path of typedIn(type) ?? []) {
    const text = (personal as Data | null)?.[path]
    if (text === undefined) continue
    const [first, second] = path.split('.') as [string, string?]
    whole[first] = second === undefined ? text : { ...(whole[first] as object | undefined), [second]: text }
  }
  return whole as unknown as EventData[T]
}
