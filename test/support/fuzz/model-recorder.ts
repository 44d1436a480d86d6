// Fake: the recorder, and the journal unless a real one is given.
import { newCallId } from '../../../src/core/ids.js'
import type { DurableEventSink, Recorder } from '../../../src/core/ports.js'
import { noLosses } from '../fakes/fake-call.js'
import type { ConsentOracle } from './consent-oracle.js'

/** A fake recorder that only informs the oracle. @param trouble awaited before each tap */
export function modelRecorder(oracle: ConsentOracle, trouble: () => Promise<void>): Recorder {
  let paused: number | undefined
  return {
    async prepare(call, _, grants) {
      oracle.recordingRequested(call, grants)
      await trouble()
      const tap = `/tap/${newCallId()}`
      oracle.tapReady(call, tap)
      return tap
    },
    readyTap: () => undefined,
    findTap: () => undefined,
    hasAudio: () => false,
    abandon: async tap => oracle.tapAbandoned(tap),
    isUnused: async () => false,
    handedOver: () => {},
    withdraw: async () => {},
    pause(_, at) {
      paused = at
      return Promise.resolve()
    },
    resume() {
      paused = undefined
      return true
    },
    hold() {},
    leaveOutHeld() {},
    releaseHeld() {},
    pausedSince: () => paused,
    pausedBy: () => undefined,
    recordedPurposes: () => [],
    keepAnswer: async () => {},
    restartTaps: async () => false,
    losses: noLosses,
    useTapOrders() {},
    channelGone: async call => oracle.channelGone(call),
  }
}

/** A journal that informs the oracle: a fake one, or in front of a real one. @param trouble awaited before each commit */
export const observedJournal = (
  oracle: ConsentOracle,
  trouble: () => Promise<void>,
  real?: DurableEventSink,
): DurableEventSink => ({
  async append(events, timeoutMs) {
    await trouble()
    await real?.append(events, timeoutMs)
    for (const event of events) oracle.eventJournalled(event)
  },
  note(...events) {
    real?.note(...events)
    for (const event of events) oracle.eventJournalled(event)
  },
  async noteDurably(event) {
    oracle.eventJournalled(event)
    await real?.noteDurably(event)
  },
})
