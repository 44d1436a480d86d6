import type { SideFault, TapOrders } from '../../core/ports.js'
import { waitFor } from './probe-pipes.js'
import type { Tap, TapListener } from './tap.js'

/** RTP sequence numbers at which the two sources begin. The second looks older than the first, by modulo 65,536. */
const SEQUENCES = [1_000, 41_000] as const
/** How long each source sends, ms. */
const SPOKEN_MS = [800, 600] as const
/** Samples of a millisecond. */
const PER_MS = 8
/**
 * Least samples with sound if the first source was heard, and if both were. Asterisk drops the first packets of a
 * source.
 */
const [FIRST, BOTH] = [400 * PER_MS, 1_050 * PER_MS]
/** A-law zero. A tap contains it where nothing is heard. */
const SILENCE = 0xd5

/** The phone that sends sound into the tap. */
interface Speaker {
  taps: TapOrders
  speak(sequence: number, ms: number): Promise<void>
  close(): Promise<void>
}

/**
 * Tests whether a PBX silences a side of a tap when the sound of another source follows whose RTP sequence numbers look
 * older. It also tests whether the PBX carries out the orders to stop and to start a tap.
 *
 * @param open opens a tap
 * @param call has a channel tapped, see `openPhoneOfProbe`
 * @returns `unknown` if too little is heard of the first source
 * @throws AppError `tap.unavailable`; errors of `call`
 */
export async function probeSides(
  open: (listener: TapListener) => Promise<Tap>,
  call: (tap: string) => Promise<Speaker>,
): Promise<SideFault> {
  let heard = 0
  let restarted = false
  const ended = new Set<string>()
  let tap: Tap | undefined
  tap = await open({
    block({ leg, sample, bytes }) {
      if (leg === 'caller') for (const byte of bytes) if (byte !== SILENCE) heard += 1
      tap?.acknowledge(leg, sample + bytes.length)
    },
    end: leg => void ended.add(leg),
    gap() {},
    filling() {},
    interrupted() {},
  })
  const { reference } = tap
  let speaker: Speaker | undefined
  try {
    speaker = await call(reference)
    for (const [i, sequence] of SEQUENCES.entries()) await speaker.speak(sequence, SPOKEN_MS[i]!)
    await speaker.taps.stop(reference)
    await waitFor(() => ended.size === 2)
    if (ended.size === 2) {
      ended.clear()
      await tap.readAgain()
      restarted = (await speaker.taps.start(reference)) === 'started'
    }
  } finally {
    await speaker?.close()
    tap.end()
  }
  await waitFor(() => ended.size === 2)
  if (heard < FIRST) return 'unknown'
  if (heard >= BOTH) return 'none'
  return restarted ? 'mended' : 'present'
}
