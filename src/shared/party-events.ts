import { LEGS, type Leg } from './audio.js'
import type { CallId, RecordingId } from './ids.js'
import type { Language, Purpose } from './policy.js'

/** The reason of a decision: nobody is asked in a call that comes from inside, such as an agent's consultation before a transfer. */
export const FROM_INSIDE = 'from-inside'

/** Data of the events about who is on the line, and of what they leave out of a recording. */
export interface PartyEvents {
  /**
   * Somebody from outside can be heard in a recorded call. `party`: the call in which that person was asked; null if there is none.
   * `agreed`: to all that is recorded. Otherwise the recordings pause, or have only the caller's side.
   */
  'call.party-joined': { party: CallId | null; agreed: boolean }
  'call.party-left': { party: CallId | null }
  /** Somebody from outside who is there is asked for this recording, by the rule of the line. `party`: as above. */
  'call.party-asked': { party: CallId }
  /** Somebody from outside who is there has agreed to all that is recorded, and had not before. */
  'call.party-agreed': { party: CallId | null }
  /**
   * A phone of the company talks with a recorded caller. `agent`: its endpoint, as `CONSENTRY_INSIDE` names it; telephone numbers in it are
   * masked. `after`: the one that came before it in this call, such as the one that transferred the caller; null for the first. `others`: how
   * many other phones of the company are there. `queue`: the queue that the dialplan runs for the caller then; null if it runs none.
   */
  'call.agent-joined': { agent: string; after: string | null; others: number; queue: string | null }
  'call.agent-left': { agent: string }
  /**
   * Somebody may hear the call without being in it (`ChanSpy`). `endpoint`: as `agent` in `call.agent-joined`. `mode`: `switched`, if keys of the
   * spy change it. `inside`: whether it is of the company; null if settings and dialplan do not say. `others`: how many other calls it may
   * hear: it hears one at a time. The moment is when the PBX's list shows it, some seconds late.
   */
  'call.spied': {
    endpoint: string
    mode: 'listen' | 'whisper' | 'barge' | 'switched'
    inside: boolean | null
    others: number
  }
  /** The spy hears the call no longer. If the call ends first, there is no such event. */
  'call.spy-left': { endpoint: string }
  /** Somebody in a recorded call puts the other side on hold. */
  'call.hold-began': HoldBy
  /** It is taken back, or whoever held has left. */
  'call.hold-ended': HoldBy
  /**
   * Somebody has transferred the recorded caller, as the PBX reports. `agent`: the phone of the company that did, as in `call.agent-joined`.
   * `to`: the phone of the company with which the caller is then. Null: it is none that the settings name, or the PBX does not say.
   */
  'call.transferred': { kind: TransferKind; agent: string | null; to: string | null }
  /** The recorded caller is in a parking lot of the PBX. A transfer to its number is a `call.transferred` too. */
  'call.parked': Record<string, never>
  /** The caller is there no longer: retrieved, sent on because nobody retrieved the call, or gone. The PBX does not say which. */
  'call.unparked': Record<string, never>
  /** The recorded caller is in a conference of the PBX (`ConfBridge`). */
  'call.conference-joined': Record<string, never>
  'call.conference-left': Record<string, never>
  /**
   * The person of this call is asked in the middle of a conversation, on the terms of this line. `recorded`: the call that is recorded, and for
   * whose recording this person is asked; null if it is the person's own.
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
   * The PBX records a call whose caller is asked, with a MixMonitor of its own. `when`: it was seen before the question, or after the answer.
   * `stopped`: the PBX took the order to stop it, which the settings want.
   */
  'call.recorded-by-pbx': { when: 'before' | 'after'; stopped: boolean }
  /**
   * From these samples of each leg on, nothing of `leg` is kept: somebody from outside is heard there who has not agreed. The other leg is
   * kept as before.
   */
  'recording.muted': { recording: RecordingId; leg: 'agent'; caller: number; agent: number }
  /** From these samples of each leg on, audio of `leg` is kept again. The recording has silence on that side for the time between. */
  'recording.unmuted': { recording: RecordingId; leg: 'agent'; caller: number; agent: number }
}

/**
 * Who wants a person to be asked in the middle of a conversation: a program through the API, an agent with a key, or the rule of a line for
 * outsiders.
 */
export type InquiryBy = 'api' | 'agent' | 'line'

/** How a caller is transferred. `three-way`: an attended transfer in which whoever transferred stays in the conversation. */
export type TransferKind = 'blind' | 'attended' | 'three-way'

/** Who puts the other side on hold. `agent`: the endpoint, as in `call.agent-joined`. */
export type HoldBy = { by: 'caller' } | { by: 'agent'; agent: string }

/**
 * What paused a recording: an agent with a key, a program through the API, the presence of somebody from outside who has not agreed
 * (`party`), a line on which the caller's yes does not hold (`line`), or that the caller is on hold, or waits alone (`hold`).
 */
export type PauseBy = 'agent' | 'api' | 'party' | 'line' | 'hold'

/** Why something is left out of a recording now. `own-side`: as `party`, but only what the caller hears is left out. */
export type OmittedBy = PauseBy | 'own-side'

/** The legs that are left out. */
export const omittedLegs = (by: OmittedBy): readonly Leg[] => (by === 'own-side' ? ['agent'] : LEGS)
