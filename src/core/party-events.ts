import { LEGS, type Leg } from './audio.js'
import type { CallId, RecordingId } from './ids.js'
import type { Language, Purpose } from './policy.js'

/**
 * Reason of a decision: participants of a call from inside are not asked, such as an agent's consultation before a
 * transfer.
 */
export const FROM_INSIDE = 'from-inside'

/** Data of the events about participants, and about what they exclude from a recording. */
export interface PartyEvents {
  /**
   * An external participant can be heard in a recorded call. `party`: the call in which that participant was asked, or
   * null. `agreed`: to everything that is recorded. Otherwise the recordings pause, or keep only the caller's side.
   */
  'call.party-joined': { party: CallId | null; agreed: boolean }
  'call.party-left': { party: CallId | null }
  /** The line's rule has a present external participant asked for this recording. `party`: as above. */
  'call.party-asked': { party: CallId }
  /** A present external participant has now agreed to everything that is recorded. */
  'call.party-agreed': { party: CallId | null }
  /**
   * A phone of the company talks with a recorded caller. `agent`: its endpoint, as `CONSENTRY_INSIDE` names it;
   * telephone numbers in it are masked. `after`: the former one in this call, such as the one that transferred the
   * caller; null for the first. `others`: how many other phones of the company are present. `queue`: the dialplan's
   * queue for the caller at that time, or null.
   */
  'call.agent-joined': { agent: string; after: string | null; others: number; queue: string | null }
  'call.agent-left': { agent: string }
  /**
   * A spy may hear the call without taking part (`ChanSpy`). `endpoint`: as `agent` in `call.agent-joined`. `mode`:
   * `switched` if keys of the spy change it. `inside`: whether the spy is of the company; null if settings and dialplan
   * do not say. `others`: how many other calls it may hear; it hears one at a time. The event's time is when the PBX's
   * list shows the spy, some seconds late.
   */
  'call.spied': {
    endpoint: string
    mode: 'listen' | 'whisper' | 'barge' | 'switched'
    inside: boolean | null
    others: number
  }
  /** The spy no longer hears the call. A call that ends first has no such event. */
  'call.spy-left': { endpoint: string }
  /** A participant of a recorded call puts the other side on hold. */
  'call.hold-began': HoldBy
  /** The hold ends: it is taken back, or the participant who began it has left. */
  'call.hold-ended': HoldBy
  /**
   * The recorded caller was transferred, as the PBX reports. `agent`: the phone of the company that transferred, as in
   * `call.agent-joined`. `to`: the phone of the company that then has the caller. Null: the settings do not name it, or
   * the PBX does not report it.
   */
  'call.transferred': { kind: TransferKind; agent: string | null; to: string | null }
  /** The recorded caller is in a parking lot of the PBX. A transfer to its number is a `call.transferred` too. */
  'call.parked': Record<string, never>
  /** The caller has left the parking lot: retrieved, timed out, or hung up. The PBX does not report which. */
  'call.unparked': Record<string, never>
  /** The recorded caller is in a conference of the PBX (`ConfBridge`). */
  'call.conference-joined': Record<string, never>
  'call.conference-left': Record<string, never>
  /**
   * The participant of this call is asked in a conversation, on the terms of this line. `recorded`: the recorded call
   * that the question is for; null if it is the participant's own.
   */
  'consent.requested': {
    by: InquiryBy
    purposes: Purpose[]
    line: string
    policy: number
    language: Language
    recorded: CallId | null
  }
  /**
   * The PBX itself records a call whose caller is asked, by a MixMonitor. `when`: seen before the question, or after
   * the answer. `stopped`: the PBX accepted the order to stop it, which the settings require.
   */
  'call.recorded-by-pbx': { when: 'before' | 'after'; stopped: boolean }
  /**
   * Nothing of `leg` is kept from these samples of each leg on: an external participant without consent is heard there.
   * The other leg is still kept.
   */
  'recording.muted': { recording: RecordingId; leg: 'agent'; caller: number; agent: number }
  /**
   * Audio of `leg` is kept again from these samples of each leg on. Between the two events, the recording has silence
   * on that leg.
   */
  'recording.unmuted': { recording: RecordingId; leg: 'agent'; caller: number; agent: number }
}

/**
 * The origin of a question in a conversation: a program through the API, an agent's key, or the line's rule for
 * outsiders.
 */
export type InquiryBy = 'api' | 'agent' | 'line'

/**
 * The kind of a transfer. `three-way`: an attended transfer after which the transferring agent stays in the
 * conversation.
 */
export type TransferKind = 'blind' | 'attended' | 'three-way'

/** The participant who puts the other side on hold. `agent`: the endpoint, as in `call.agent-joined`. */
export type HoldBy = { by: 'caller' } | { by: 'agent'; agent: string }

/**
 * The reason of a pause: an agent's key, a program through the API, an external participant without consent (`party`),
 * a line on which the caller's yes does not count (`line`), or a caller who is on hold or alone (`hold`).
 */
export type PauseBy = 'agent' | 'api' | 'party' | 'line' | 'hold'

/** The reason why audio is excluded now. `own-side`: as `party`, and only what the caller hears is excluded. */
export type OmittedBy = PauseBy | 'own-side'

/** The legs that are excluded. */
export const omittedLegs = (by: OmittedBy): readonly Leg[] => (by === 'own-side' ? ['agent'] : LEGS)
