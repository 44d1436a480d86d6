import { setTimeout as pause } from 'node:timers/promises'
import { findSpeech } from '../../../lab/audio/find-speech.js'
import type { ReceivedAudio } from '../../../lab/media/received-audio.js'
import { epochMs } from '../../../lab/time.js'
import { SAMPLE_RATE } from '../../../src/shared/audio.js'

/** Words that were not heard whole within this, ms, were most likely torn apart by a busy machine. */
const WHOLE_LIMIT_MS = 12_000

/**
 * Lengths of the pieces in which words are looked for, samples: in shorter ones less is lost where a busy machine tears them
 * apart, longer ones are known better among other voices.
 */
const PIECE_SAMPLES = [SAMPLE_RATE / 2, SAMPLE_RATE / 4]
/** So many of the pieces must be there. */
const MIN_FOUND_SHARE = 0.6

/** Whether words are heard, piece by piece: most of them, where a busy machine tore them apart. */
export const isHeard = (heard: Int16Array, words: Int16Array): boolean =>
  PIECE_SAMPLES.some(length => {
    const pieces = Array.from({ length: Math.floor(words.length / length) }, (_, i) =>
      words.subarray(i * length, (i + 1) * length),
    ).filter(piece => piece.some(sample => Math.abs(sample) > 500))
    return pieces.filter(piece => findSpeech(heard, piece)).length >= pieces.length * MIN_FOUND_SHARE
  })

/**
 * Waits until words are heard: whole, or, late, most of them in pieces.
 *
 * @param limit ms
 * @param from only in what arrived from then on, epoch ms
 * @returns false if they were not heard in time
 */
export async function waitUntilHeard(
  heard: ReceivedAudio,
  words: Int16Array,
  limit: number,
  from?: number,
): Promise<boolean> {
  const end = epochMs() + limit
  do {
    if (await heard.waitForWords(words, Math.min(WHOLE_LIMIT_MS, end - epochMs()), from)) return true
    if (isHeard(heard.samples(from), words)) return true
  } while (epochMs() < end && !heard.closed)
  return false
}

/** A caller listens for a sentence so often, ms. */
const LISTEN_MS = 200
/** How much of what the last look has searched is searched again, ms: a second of words that a busy PBX drew out. */
const AGAIN_MS = 3_000

/**
 * When a sentence began to arrive: by one of its seconds, for a busy machine may tear others apart. Each look searches
 * what came since the last one, so that many callers can listen at once.
 *
 * @param limit for how long to listen from now on, ms
 * @param from only in what arrived from then on, epoch ms
 * @returns epoch ms, by the arrival of what was recognised, not by when it was; undefined if it was not heard in time
 */
export async function findSentenceStart(
  heard: ReceivedAudio,
  sentence: Int16Array,
  limit: number,
  from = -Infinity,
): Promise<number | undefined> {
  const seconds = Array.from({ length: Math.floor(sentence.length / SAMPLE_RATE) }, (_, i) =>
    sentence.subarray(i * SAMPLE_RATE, (i + 1) * SAMPLE_RATE),
  )
  const end = epochMs() + limit
  for (let since = from; ; ) {
    const now = epochMs()
    const samples = heard.samples(since)
    for (const [i, second] of seconds.entries()) {
      const found = findSpeech(samples, second)
      const at = found && heard.arrivalAt(found.atMs, since)
      if (at !== undefined) return at - i * 1_000
    }
    if (now >= end || heard.closed) return undefined
    since = Math.max(from, now - AGAIN_MS)
    await pause(LISTEN_MS)
  }
}
