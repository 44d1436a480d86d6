import type { LegIndex } from '../keeper/protocol.js'
import { type Codec, type Leg, sampleBytes } from '../shared/audio.js'
import type { HeldTap, KeeperClient } from './keeper-client.js'
import type { PipeListener, Tap } from './tap.js'
import type { TapHandle, TapListener } from './tap-handle.js'

/** The dialplan taps in a-law. */
const CODEC: Codec = 'alaw'
const BYTES = sampleBytes(CODEC)
/** The leg of each pipe of a pair: `rx` is what the caller says. */
const LEGS: readonly [Leg, Leg] = ['caller', 'agent']
const INDEX: Readonly<Record<Leg, LegIndex>> = { caller: 0, agent: 1 }

/**
 * Takes a fresh pair of pipes.
 *
 * @param tag tells a successor whose tap it is
 * @throws AppError `tap.unavailable`
 */
export async function takePipes(
  client: KeeperClient,
  tag: string,
  listener: TapListener,
): Promise<TapHandle> {
  return handle(client, await client.take(tag, bySamples(listener)))
}

/** Goes on with pipes that a service before us took. Audio comes from `positionOf(held)` on. */
export const recoverPipes = (client: KeeperClient, held: HeldTap, listener: TapListener): TapHandle =>
  handle(client, client.recoverTap(held, [held.legs[0].acked, held.legs[1].acked], bySamples(listener)))

/** The first sample of each leg that is not acknowledged. */
export const positionOf = ({ legs }: HeldTap): Record<Leg, number> => ({
  caller: legs[INDEX.caller].acked / BYTES,
  agent: legs[INDEX.agent].acked / BYTES,
})

const handle = (client: KeeperClient, tap: Tap): TapHandle => ({
  reference: tap.prefix,
  codec: CODEC,
  get ending() {
    return tap.gone
  },
  acknowledge: (leg, sample) => client.ack(tap, INDEX[leg], sample * BYTES),
  isInPlace: () => tap.inPlace(),
  end: () => client.gone(tap),
})

/** Tells a listener of samples what a listener of pipes hears. */
const bySamples = (listener: TapListener): PipeListener => ({
  block: (leg, offset, arrivedAt, bytes) =>
    listener.block({ leg: LEGS[leg], sample: offset / BYTES, arrivedAt, bytes }),
  gap: (leg, from, to) => listener.gap(LEGS[leg], from / BYTES, to / BYTES),
  end: leg => listener.end(LEGS[leg]),
  filling: bytes => listener.filling(bytes),
  keeperDied: (resumed, { base, lost }) =>
    listener.interrupted(resumed, {
      sample: base / BYTES,
      lost: { caller: lost[INDEX.caller] / BYTES, agent: lost[INDEX.agent] / BYTES },
    }),
})
