import type { Recording } from '../../../src/audio/recording.js'
import type { Tap } from '../../../src/audio/tap/tap.js'
import { TapSession } from '../../../src/audio/tap-session.js'
import type { AudioBlock, Leg } from '../../../src/core/audio.js'
import { newCallId } from '../../../src/core/ids.js'
import { silent } from '../processes/database.js'
import { flushPromises } from './fake-call.js'
import { FakeClock } from './fake-clock.js'

/** What Asterisk writes at once, samples and ms. */
export const BLOCK = 32_768
export const BLOCK_MS = 4_096
/** Where the service before had got to, samples. */
export const FROM = { caller: 2 * BLOCK, agent: BLOCK }

/**
 * A real session with one recording. Fake: the tap, the recording and the clock.
 *
 * @param recovered whether an earlier service began it, and audio of its absence is to come
 * @param caughtUp resolves when all is known that the PBX had reported before
 * @param call a call of its own, unless it is given
 */
export function startSession(recovered: boolean, caughtUp?: () => Promise<void>, call = newCallId()) {
  const clock = new FakeClock()
  const began = clock.now()
  const [acknowledged, written, noted] = [new Map<Leg, number>(), [] as string[], [] as string[]]
  const recording = {
    running: true,
    purpose: 'service',
    written: Promise.resolve(),
    write: async ({ leg, sample, bytes }: AudioBlock) => {
      if (recording.running) written.push(`${leg} ${sample} ${bytes[0]}`)
    },
    notePaused: async (by: string, at: number, { caller, agent }: typeof FROM) =>
      void noted.push(`paused ${by} ${at - began} ${caller} ${agent}`),
    noteResumed: (by: string, at: number, { caller, agent }: typeof FROM) =>
      void noted.push(`resumed ${by} ${at - began} ${caller} ${agent}`),
    noteGap: (leg: Leg, bytes: number, reason: string) => void noted.push(`gap ${leg} ${bytes} ${reason}`),
    durablyJournalled: async () => {},
    finish: async ({ state }: { state: string }) => {
      recording.running = false
      noted.push(state)
    },
  }
  const from = recovered ? FROM : undefined
  const session = new TapSession({
    call,
    recordings: [recording as unknown as Recording],
    ...{ clock, log: silent, pbx: undefined },
    ...(from && { from }),
    caughtUp,
  })
  const acknowledge = (leg: Leg, sample: number) => void acknowledged.set(leg, sample)
  session.useTap({ acknowledge, exists: async () => true, end() {} } as unknown as Tap)
  if (recovered) session.pauses.gate.hold()
  else session.handedOver(clock.now())
  const ends = recovered ? { ...FROM } : { caller: 0, agent: 0 }
  // The keeper's bytes are overwritten after each call.
  const bytes = Buffer.alloc(BLOCK)
  let count = 0
  const block = async (leg: Leg) => {
    count += 1
    session.block({ leg, sample: ends[leg], arrivedAt: clock.now(), bytes: bytes.fill(count) })
    ends[leg] += BLOCK
    bytes.fill(0)
    await flushPromises()
  }
  const pauses = session.pauses.of(session.recordings[0]!)
  return { clock, session, pauses, block, ends, written, noted, acknowledged }
}
