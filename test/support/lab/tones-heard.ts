import { setTimeout as sleep } from 'node:timers/promises'
import { toneDbfs } from '../../../lab/audio/levels.js'
import { concatSamples } from '../../../lab/audio/signals.js'
import { SAMPLE_RATE } from '../../../src/core/audio.js'
import type { PlacedCall } from './placed-call.js'

/** A tone counts as heard in a window of 100 ms above this level, dBFS. Tones of tests have −20. */
const HEARD_DBFS = -40
/** A tone that fills a window is above this level, dBFS. One that fills half of it has −26. */
const WHOLE_DBFS = -23

/** How many packets of 20 ms a tone must fill. No chime of the PBX is as long. */
const HEARD_PACKETS = 10

/**
 * Waits until a tone has filled a fifth of a second of what a phone receives. All packets since the call are searched: a busy process
 * looks seldom, and the tone may be over by then.
 *
 * @param limitMs how long it waits at most, ms
 * @throws Error if the tone does not come
 */
export async function waitForTone(
  { heard }: { heard: PlacedCall['caller']['heard'] },
  hz: number,
  limitMs: number,
): Promise<void> {
  const end = Date.now() + limitMs
  let at = Math.max(0, heard.packets.length - HEARD_PACKETS)
  for (; Date.now() < end; await sleep(50)) {
    const { packets } = heard
    // A tone of 300 ms fills one of these windows, wherever it begins.
    for (; at + HEARD_PACKETS <= packets.length; at += HEARD_PACKETS / 2) {
      const window = concatSamples(...packets.slice(at, at + HEARD_PACKETS).map(({ samples }) => samples))
      if (toneDbfs(window, hz) > WHOLE_DBFS) return
    }
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
