import { concatSamples } from '../../../lab/audio/signals.js'
import type { Recognized, Recognizer, RecognizerStream } from '../../../src/speech/recognizer.js'

/** A fake recogniser: it says what it is told to, and notes what it was given. */
export interface FakeRecognizer extends Recognizer {
  /** Samples of each utterance that was finished. */
  finished: number[]
  /** What it was given of each utterance that was finished. */
  heard: Int16Array[]
  /** How many streams are open, and how many were ever opened. */
  streams: { open: number; opened: number }
}

export function fakeRecognizer(
  says: () => Recognized | Promise<Recognized>,
  partial?: Recognized,
): FakeRecognizer {
  const finished: number[] = []
  const heard: Int16Array[] = []
  const streams = { open: 0, opened: 0 }
  return {
    engine: 'embedded',
    model: 'fake',
    finished,
    heard,
    streams,
    check: async () => undefined,
    close: async () => undefined,
    open(): RecognizerStream {
      const parts: Int16Array[] = []
      streams.open++
      streams.opened++
      return {
        write(samples) {
          parts.push(samples.slice())
        },
        partial: () => partial,
        async finish() {
          streams.open--
          const samples = concatSamples(...parts)
          heard.push(samples)
          finished.push(samples.length)
          return says()
        },
        cancel() {
          streams.open--
        },
      }
    },
  }
}
