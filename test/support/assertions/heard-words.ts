import { setTimeout as pause } from 'node:timers/promises'
import { Heard } from '../../../lab/audio/find-speech.js'
import type { ReceivedAudio } from '../../../lab/media/received-audio.js'
import { epochMs } from '../../../lab/time.js'
import { SAMPLE_RATE } from '../../../src/core/audio.js'

/** After this time words that have not arrived complete were most likely damaged by a busy machine, ms. */
const WHOLE_LIMIT_MS = 12_000

/**
 * Lengths of the pieces in which words are searched for, samples. A short piece is less often damaged by a busy machine; a long
 * piece is easier to tell from other voices.
 */
const PIECE_SAMPLES = [SAMPLE_RATE / 2, SAMPLE_RATE / 4]
/** Share of the pieces that must be found. */
const MIN_FOUND_SHARE = 0.6

/** Whether most pieces of the words were received. A busy machine may damage some. */
export function isHeard(heard: Int16Array, words: Int16Array): boolean {
  const ear = new Heard(heard)
  return PIECE_SAMPLES.some(length => {
    const pieces = Array.from({ length: Math.floor(words.length / length) }, (_, i) =>
      words.subarray(i * length, (i + 1) * length),
    ).filter(piece => piece.some(sample => Math.abs(sample) > 500))
    return areMostFound(ear, pieces)
  })
}

/** Searches no longer than it takes to know. */
function areMostFound(ear: Heard, pieces: Int16Array[]): boolean {
  const needed = pieces.length * MIN_FOUND_SHARE
  let found = 0
  for (const [i, piece] of pieces.entries()) {
    if (found >= needed) return true
    if (found + pieces.length - i < needed) return false
    if (ear.find(piece)) found++
  }
  return found >= needed
}

/**
 * Waits until words are received: complete, or, after some time, most of their pieces.
 *
 * @param limit ms
 * @param from searches only what arrived since then, epoch ms
 * @returns false after the limit
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

/** Interval of the search for a sentence, ms. */
const LISTEN_MS = 200
/** How much of the last search is searched again, ms: one second of words, which a busy PBX may draw out. */
const AGAIN_MS = 3_000

/**
 * Finds when a sentence began to arrive. One recognised second is enough, because a busy machine may damage others. Each
 * search covers only new audio, so that many callers can listen at once.
 *
 * @param limit how long to listen from now on, ms
 * @param from searches only what arrived since then, epoch ms
 * @returns arrival of the beginning, epoch ms, whenever it was recognised; undefined after the limit
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
    const ear = new Heard(heard.samples(since))
    for (const [i, second] of seconds.entries()) {
      const found = ear.find(second)
      const at = found && heard.arrivalAt(found.atMs, since)
      if (at !== undefined) return at - i * 1_000
    }
    if (now >= end || heard.closed) return undefined
    since = Math.max(from, now - AGAIN_MS)
    await pause(LISTEN_MS)
  }
}
