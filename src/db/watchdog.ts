/** Patience is counted in so long beats, ms: short beside what the other side is given. */
const BEAT_MS = 500

/**
 * Calls back once the other side has been silent for so long. What counts is the beats of this process, between which it
 * hears what has come: however long it stood still itself, or came late, that is one beat, and no silence of the other side.
 *
 * @param ms in whole beats
 * @returns ends it
 */
export function watchdog(ms: number, onSilence: () => void): () => void {
  let beatsLeft = ms / BEAT_MS
  let lastCheck: NodeJS.Immediate | undefined
  const beats = setInterval(() => {
    if (--beatsLeft > 0) return
    clearInterval(beats)
    // After a look at what has come while this beat was late.
    lastCheck = setImmediate(onSilence)
  }, BEAT_MS)
  return () => {
    clearInterval(beats)
    clearImmediate(lastCheck)
  }
}
