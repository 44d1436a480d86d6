// Fake: a call and its recordings. Real: its pause switch.
import type { Told } from '../../../src/call/call-states.js'
import type { Agreed } from '../../../src/call/parties.js'
import { createPauseSwitch } from '../../../src/call/pause-switch.js'
import type { RunningCall } from '../../../src/call/running-call.js'
import { type CallId, type ChannelId, newCallId } from '../../../src/shared/ids.js'
import type { OmittedBy } from '../../../src/shared/party-events.js'
import type { OutsiderRule } from '../../../src/shared/policy.js'
import { keyLine } from '../data/policies.js'

/** What somebody was told. @param version of the words */
export const modelTold = ({ days, version }: { days: number; version: number }): Told => ({
  ...{ basis: 'consent', days, asked: true },
  words: { language: 'en', disclosure: { prompt: 'disclosure-key', version } },
})

/** Whether somebody who was told this has agreed to what another was told: for at least as long, in the same words. */
export const isEnough = (told: Told | undefined, wanted: Told): boolean =>
  told !== undefined &&
  told.days >= wanted.days &&
  told.words?.disclosure.version === wanted.words?.disclosure.version

/** A call whose recordings pause and resume, or have only one side. */
export interface ModelCall {
  readonly channel: ChannelId
  readonly agreed: Map<string, Told>
  /** Purposes for which a tap runs. */
  readonly recorded: Set<string>
  /** Purposes to which its caller agreed for the recording of another call. */
  readonly elsewhere: Set<string>
  paused: OmittedBy | undefined
  /** What its line says of outsiders who have not agreed. */
  rule: OutsiderRule
  /** Whether an agent wants a pause. */
  pauseWanted: boolean
  /** Whether the caller is on a line that records nothing. */
  noneLine: boolean
  /** Channels of people who answered in it though it is not theirs: whoever was behind the `Local` channel. */
  readonly answeredBy: Set<ChannelId>
  readonly running: RunningCall
}

/** What its caller has agreed to, on the line where the caller is. */
export const agreedIn = (call: Pick<ModelCall, 'noneLine' | 'agreed'>): Agreed =>
  call.noneLine ? new Map() : call.agreed

/** @param watch the time, and what to do when something is left out of a recording */
export function newModelCall(
  channel: ChannelId,
  watch: { now(): number; paused(by: OmittedBy): void },
): ModelCall {
  const id = newCallId()
  const call = {
    ...{ channel, agreed: new Map<string, Told>(), recorded: new Set<string>() },
    elsewhere: new Set<string>(),
    ...{ paused: undefined as OmittedBy | undefined, rule: 'own-side' as OutsiderRule },
    ...{ pauseWanted: false, noneLine: false, answeredBy: new Set<ChannelId>() },
  }
  const recorder = {
    pause(_: CallId, _at: number, by: OmittedBy) {
      if (call.recorded.size === 0) return undefined
      if (!call.paused) watch.paused(by)
      call.paused ??= by
      return Promise.resolve()
    },
    resume() {
      call.paused = undefined
      return call.recorded.size > 0
    },
    hold() {},
    leaveOutHeld() {},
    pausedSince: () => undefined,
    pausedBy: () => call.paused,
    recordedPurposes: () => [...call.recorded],
  }
  const clock = { now: watch.now, elapsed: watch.now, after: () => () => {} }
  const pauses = createPauseSwitch({ call: id, recorder, clock, policy: () => keyLine })
  const running = {
    ...{ id, channel, pauses, step: 'talking', hearKeysOf: async () => {} },
    get standing() {
      const own = [...call.agreed.keys()].filter(purpose => !call.elsewhere.has(purpose))
      const recorded = [...new Set([...call.recorded, ...own])]
      const answered = call.agreed.size > 0
      return { agreed: agreedIn(call), recorded, answered, refused: [], onOutsider: call.rule }
    },
  } as unknown as RunningCall
  return Object.assign(call, { running })
}
