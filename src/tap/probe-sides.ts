import { setTimeout as pause } from 'node:timers/promises'
import type { SideFault, TapOrders } from '../shared/ports.js'
import { waitFor } from './probe-pipes.js'
import type { TapHandle, TapListener } from './tap-handle.js'

/** RTP sequence numbers at which the two sources begin. The second looks older than the first, by modulo 65,536. */
const SEQUENCES = [1_000, 41_000] as const
/** How long each source is heard before the restart, and the second one after it, ms. */
const SPOKEN_MS = [800, 600, 600] as const
/** Longest time that the second source speaks, ms. A restart takes a tenth of a second. */
const SPOKEN_MAX_MS = 8_000
/** Samples of a millisecond. */
const PER_MS = 8
/** What counts as having heard the first source: it alone, and it with the second. Asterisk drops the first packets of a source. */
const [FIRST, BOTH] = [400 * PER_MS, 1_050 * PER_MS]
/** What counts as heard after a restart, samples. */
const AGAIN = 200 * PER_MS
/** A-law zero: what a tap holds where nothing is heard. */
const SILENCE = 0xd5

/** Who speaks into the tap. */
interface Speaker {
  taps: TapOrders
  speak(sequence: number, ms: number, signal?: AbortSignal): Promise<void>
  close(): Promise<void>
}

/**
 * Finds out whether a PBX silences a side of a tap when the sound of another source follows whose RTP sequence numbers look older, and
 * whether a restart of the tap restores it.
 *
 * @param open opens a tap
 * @param call has a channel tapped, see `openPhoneOfProbe`
 * @returns `unknown` if nothing is heard at all
 * @throws AppError `tap.unavailable`; what `call` throws
 */
export async function probeSides(
  open: (listener: TapListener) => Promise<TapHandle>,
  call: (tap: string) => Promise<Speaker>,
): Promise<SideFault> {
  const heard = [0, 0] as [number, number]
  let run: 0 | 1 = 0
  const ended = new Set<string>()
  let tap: TapHandle | undefined
  tap = await open({
    block({ leg, sample, bytes }) {
      if (leg === 'caller') for (const byte of bytes) if (byte !== SILENCE) heard[run] += 1
      tap?.acknowledge(leg, sample + bytes.length)
    },
    end: leg => void ended.add(leg),
    gap() {},
    filling() {},
    interrupted() {},
  })
  const { reference } = tap
  let speaker: Speaker | undefined
  let speaking: Promise<void> | undefined
  const enough = new AbortController()
  try {
    speaker = await call(reference)
    await speaker.speak(SEQUENCES[0], SPOKEN_MS[0])
    // It goes on through the restart: Asterisk makes its decoder anew when sound comes while no MixMonitor runs.
    speaking = speaker.speak(SEQUENCES[1], SPOKEN_MAX_MS, enough.signal)
    await pause(SPOKEN_MS[1])
    await speaker.taps.stop(reference)
    await waitFor(() => ended.size === 2)
    if (ended.size === 2) {
      ended.clear()
      run = 1
      await tap.readAgain()
      if ((await speaker.taps.start(reference)) === 'started') await pause(SPOKEN_MS[2])
    }
  } finally {
    enough.abort()
    await speaking
    await speaker?.close()
    tap.end()
  }
  await waitFor(() => ended.size === 2)
  if (heard[0] < FIRST) return 'unknown'
  if (heard[0] >= BOTH) return 'none'
  return heard[1] >= AGAIN ? 'mended' : 'present'
}
