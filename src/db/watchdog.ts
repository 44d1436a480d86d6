/** Length of a beat, ms. Short compared to the timeouts that are counted in beats. */
const BEAT_MS = 500

/**
 * Calls back after a timeout, unless cancelled. The timeout counts beats of this process instead of time. A stall of
 * this process counts as one beat, so that it is not mistaken for a silent peer.
 *
 * @param ms the timeout, ms, a multiple of 500
 * @returns a function that cancels the watchdog
 */
export function watchdog(ms: number, onSilence: () => void): () => void {
  let beatsLeft = ms / BEAT_MS
  let lastCheck: NodeJS.Immediate | undefined
  const beats = setInterval(() => {
    if (--beatsLeft > 0) return
    clearInterval(beats)
    // Input that arrived while this beat was late is handled first, and may cancel the watchdog.
    lastCheck = setImmediate(onSilence)
  }, BEAT_MS)
  return () => {
    clearInterval(beats)
    clearImmediate(lastCheck)
  }
}
