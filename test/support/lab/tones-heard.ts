import { setTimeout as sleep } from 'node:timers/promises'
import { toneDbfs } from '../../../lab/audio/levels.js'
import { concatSamples } from '../../../lab/audio/signals.js'
import { SAMPLE_RATE } from '../../../src/shared/audio.js'
import type { PlacedCall } from './placed-call.js'

/** A tone counts as heard in a window of 100 ms above this level, dBFS. Tones of tests have −20. */
const HEARD_DBFS = -40
/** A tone that fills a window is above this level, dBFS. One that fills half of it has −26. */
const WHOLE_DBFS = -23

/** Waits until a tone has come to a phone for a fifth of a second, as no chime of the PBX does. @param limitMs how long it waits at most, ms */
export async function waitForTone(
  { heard }: { heard: PlacedCall['caller']['heard'] },
  hz: number,
  limitMs: number,
): Promise<void> {
  const [size, end] = [SAMPLE_RATE / 5, Date.now() + limitMs]
  for (; Date.now() < end; await sleep(50)) {
    const last = concatSamples(...heard.packets.slice(-10).map(({ samples }) => samples))
    if (last.length >= size && toneDbfs(last, hz) > WHOLE_DBFS) return
  }
  throw new Error(`a tone of ${hz} Hz does not come`)
}

/** Where a tone is in a leg: the tenths of a second from its start, s. */
export function placesOf(leg: Int16Array, hz: number): number[] {
  const window = SAMPLE_RATE / 10
  const places = Array.from({ length: Math.floor(leg.length / window) }, (_, i) => i / 10)
  return places.filter(
    s => toneDbfs(leg.subarray(s * SAMPLE_RATE, s * SAMPLE_RATE + window), hz) > HEARD_DBFS,
  )
}
