import type { Answer, CallEvent, Decision, TrialPrompt } from '../../core/events.js'
import type { Purpose } from '../../core/policy.js'
import type { CallChannel, DurableEventSink, Recorder } from '../ports.js'

/*
 * A trial's substitutes for a call's journal, recorder and channel. The machine and its runner are those of real calls.
 * A trial never gets the real recorder, so no key pressed in it can begin a recording.
 */

/** Most prompts of a trial that the journal names. A line has far fewer; an event must stay below 64 KB. */
const MAX_PROMPTS = 50

/** Collects the events of a trial. None of them enters the journal as an event of a call. */
export class TrialNotes implements DurableEventSink {
  readonly heard: TrialPrompt[] = []
  readonly #answers = new Map<Purpose, Answer>()
  decision: Decision | null = null
  /** Why the trial was broken off. */
  reason: string | undefined

  get answers(): { purpose: Purpose; answer: Answer }[] {
    return [...this.#answers].map(([purpose, answer]) => ({ purpose, answer }))
  }

  /** Accepts an answer at once. No recording follows from it. */
  async append(events: CallEvent[]): Promise<void> {
    this.note(...events)
  }

  async noteDurably(event: CallEvent): Promise<void> {
    this.note(event)
  }

  note(...events: CallEvent[]): void {
    for (const event of events) this.#take(event)
  }

  #take({ type, data }: CallEvent): void {
    if (type === 'prompt.ended' && this.heard.length < MAX_PROMPTS) {
      const { role, prompt, version, sha256, end, heardMs } = data
      this.heard.push({ role, prompt, version, sha256, end, heardMs })
    } else if (type === 'consent.answered') {
      this.#answers.set(data.purpose, data.answer)
      this.reason ??= data.reason
    } else if (type === 'consent.withdrawn')
      for (const purpose of data.purposes) this.#answers.set(purpose, 'refused')
    else if (type === 'call.decided') {
      this.decision = data.decision
      this.reason ??= data.reason
    }
  }
}

/** Stands for the tap of a trial, in orders that its channel does not carry out. No such path exists. */
const NO_TAP = '/nowhere/trial'

/** The recorder of trials, which records nothing. For the machine, a tap is always ready. */
export const recordsNothing: Recorder = {
  keepAnswer: async () => undefined,
  prepare: async () => NO_TAP,
  readyTap: () => undefined,
  findTap: () => undefined,
  hasAudio: () => false,
  abandon: async () => {},
  handedOver() {},
  isUnused: async () => true,
  withdraw: async () => {},
  pause: () => undefined,
  resume: () => false,
  hold() {},
  leaveOutHeld() {},
  releaseHeld() {},
  pausedSince: () => undefined,
  pausedBy: () => undefined,
  recordedPurposes: () => [],
  restartTaps: async () => false,
  losses: { watch() {}, silentMs: () => 'heard', packets() {}, left() {}, note() {} },
  useTapOrders() {},
  channelGone: async () => {},
}

/** A channel that hangs up instead of returning to the dialplan. */
export const hungUpAfterwards = (channel: CallChannel): CallChannel => ({
  ...channel,
  tell: async () => {},
  returnToDialplan: () => channel.hangup(),
  returnUntouched: () => channel.hangup(),
})
