// Fake: a call's channel, prompts, journal and recorder.
import { setImmediate as turn } from 'node:timers/promises'
import type { CallChannel } from '../../../src/call/ports.js'
import type { CallDeps } from '../../../src/call/run/running-call.js'
import type { Clock } from '../../../src/core/clock.js'
import { AppError } from '../../../src/core/errors.js'
import type { CallEvent } from '../../../src/core/events.js'
import type { ChannelId } from '../../../src/core/ids.js'
import type { SideLosses } from '../../../src/core/ports.js'
import { tapName } from '../../../src/core/tap-name.js'
import { createLog } from '../../../src/lib/log.js'

/** A fake channel that records its orders. No prompt of another service is playing on it. */
export function fakeChannel(channel: string, startedTap = false): CallChannel & { orders: string[] } {
  const orders: string[] = []
  const order =
    (name: string) =>
    async (...args: unknown[]) =>
      void orders.push([name, ...args.filter(arg => typeof arg === 'string')].join(' '))
  return {
    id: channel as ChannelId,
    orders,
    answer: order('answer'),
    play: order('play'),
    async stopPlaying() {
      throw new AppError('pbx.gone', 'nothing plays')
    },
    tell: async () => {},
    returnToDialplan: async ({ decision, tap }) => void orders.push(`return-to-dialplan ${decision} ${tap}`),
    checkInApplication: async () => {},
    returnUntouched: order('return-untouched'),
    hangup: order('hang-up'),
    startedTap: async () => startedTap,
    taps: { stop: async () => {}, start: async () => 'failed' },
    heardMusic: async () => false,
    packetsFrom: async () => undefined,
    rtpOf: async () => new Map(),
    behind: async () => undefined,
    recordedByPbx: async () => false,
    stopPbxRecordings: async () => false,
    queue: async () => null,
    passedUnasked: async () => undefined,
    callerNumber: async () => '7000',
    follow: async () => {},
    hearKeysOf: async () => {},
    whisper: () => ({
      id: `${channel}-whisper` as ChannelId,
      play: order('whisper'),
      stopPlaying: async () => {},
      close: async () => {},
    }),
    feed: () => ({ open: order('feed'), close: order('close-feed') }),
  }
}

/** One for all, because it takes long to make. */
const log = createLog('silent')

/** Of no leg is anything missing. */
export const noLosses: SideLosses = {
  watch() {},
  silentMs: () => 'heard',
  packets() {},
  left() {},
  note() {},
}

/** A prompt whose hash is its language, so that a test sees which one was played. */
const promptOf = (language: string, name: string) => ({
  name,
  version: 1,
  media: name,
  lengthMs: 1_000,
  sha256: language,
  text: name,
})

/**
 * Fakes of all that a call needs: prompts of one second, a journal that commits at once, a recorder with one tap.
 *
 * @param readyTap the tap that the service before made ready
 */
export function fakeCallDeps(clock: Clock, readyTap?: string) {
  const events: CallEvent[] = []
  const taps: string[] = []
  const deps: CallDeps = {
    clock,
    log,
    prompts: {
      find: promptOf,
      ready: async (language, name) => promptOf(language, name),
    },
    journal: {
      append: async given => void events.push(...given),
      note: (...given) => void events.push(...given),
      noteDurably: async given => void events.push(given),
    },
    recorder: {
      async prepare(_call, line, grants) {
        taps.push(`prepare ${line} ${grants.map(g => `${g.purpose} ${g.basis.event} ${g.retentionDays}`)}`)
        return '/tap/new'
      },
      readyTap: () => readyTap,
      findTap: name => (readyTap !== undefined && tapName(readyTap) === name ? readyTap : undefined),
      hasAudio: () => false,
      abandon: async (tap, reason) => void taps.push(`abandon ${tap} ${reason}`),
      isUnused: async () => true,
      handedOver: tap => void taps.push(`handed-over ${tap}`),
      withdraw: async () => {},
      pause: () => undefined,
      resume: () => false,
      hold() {},
      leaveOutHeld() {},
      releaseHeld() {},
      pausedSince: () => undefined,
      pausedBy: () => undefined,
      recordedPurposes: () => [],
      keepAnswer: async ({ grant, sound }) =>
        void taps.push(`keep ${grant.purpose} ${grant.basis.event} ${grant.retentionDays} ${sound.length}`),
      restartTaps: async () => false,
      losses: noLosses,
      useTapOrders() {},
      channelGone: async () => {},
    },
  }
  return { deps, events, taps, types: () => events.map(({ type }) => type) }
}

/** Runs all pending promise callbacks. */
export async function flushPromises(): Promise<void> {
  for (let i = 0; i < 10; i += 1) await turn()
}
