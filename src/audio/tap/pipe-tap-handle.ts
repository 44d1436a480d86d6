import { type Codec, type Leg, sampleBytes } from '../../core/audio.js'
import type { LegIndex } from '../../keeper/protocol.js'
import type { HeldTap, KeeperClient } from './keeper-client.js'
import type { PipeListener, PipeTap } from './pipe-tap.js'
import type { TapHandle, TapListener } from './tap-handle.js'

/** The dialplan taps in a-law. */
const CODEC: Codec = 'alaw'
const BYTES_PER_SAMPLE = sampleBytes(CODEC)
/** Pipe 0 (`rx`) holds what the caller says, pipe 1 (`tx`) what the caller hears. */
const LEG_OF_PIPE: readonly [Leg, Leg] = ['caller', 'agent']
const PIPE_OF_LEG: Readonly<Record<Leg, LegIndex>> = { caller: 0, agent: 1 }

/**
 * Opens a new pair of pipes.
 *
 * @param tag identifies the call of the tap for a later service
 * @throws AppError `tap.unavailable`
 */
export async function openPipes(
  client: KeeperClient,
  tag: string,
  listener: TapListener,
): Promise<TapHandle> {
  return tapHandle(client, await client.openTap(tag, sampleListener(listener)))
}

/** Recovers pipes that an earlier service opened. The listener gets the audio from `positionOf(held)` on. */
export const recoverPipes = (client: KeeperClient, held: HeldTap, listener: TapListener): TapHandle =>
  tapHandle(
    client,
    client.recoverTap(held, [held.legs[0].acked, held.legs[1].acked], sampleListener(listener)),
  )

/** @returns the first sample of each leg that is not acknowledged */
export const positionOf = ({ legs }: HeldTap): Record<Leg, number> => ({
  caller: legs[PIPE_OF_LEG.caller].acked / BYTES_PER_SAMPLE,
  agent: legs[PIPE_OF_LEG.agent].acked / BYTES_PER_SAMPLE,
})

const tapHandle = (client: KeeperClient, tap: PipeTap): TapHandle => ({
  reference: tap.prefix,
  codec: CODEC,
  get ending() {
    return tap.channelGone
  },
  acknowledge: (leg, sample) => client.acknowledge(tap, PIPE_OF_LEG[leg], sample * BYTES_PER_SAMPLE),
  readAgain: () => client.readAgain(tap),
  exists: () => tap.pipesExist(),
  end: () => client.endTap(tap),
})

/** Translates pipes and bytes to legs and samples. */
const sampleListener = (listener: TapListener): PipeListener => ({
  block: (pipe, offset, arrivedAt, bytes) =>
    listener.block({ leg: LEG_OF_PIPE[pipe], sample: offset / BYTES_PER_SAMPLE, arrivedAt, bytes }),
  gap: (pipe, from, to) => listener.gap(LEG_OF_PIPE[pipe], from / BYTES_PER_SAMPLE, to / BYTES_PER_SAMPLE),
  end: pipe => listener.end(LEG_OF_PIPE[pipe]),
  filling: bytes => listener.filling(bytes),
  keeperDied: (continued, { base, lost }) =>
    listener.interrupted(continued, {
      sample: base / BYTES_PER_SAMPLE,
      lost: {
        caller: lost[PIPE_OF_LEG.caller] / BYTES_PER_SAMPLE,
        agent: lost[PIPE_OF_LEG.agent] / BYTES_PER_SAMPLE,
      },
    }),
})
