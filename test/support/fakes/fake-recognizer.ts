import type { Recognized, Recognizer, RecognizerStream } from '../../../src/speech/recognizer.js'

/** A fake recogniser: it says what it is told to, and notes what it was given. */
export interface FakeRecognizer extends Recognizer {
  /** Samples of each utterance that was finished. */
  finished: number[]
  /** How many streams are open, and how many were ever opened. */
  streams: { open: number; opened: number }
}

export function fakeRecognizer(
  says: () => Recognized | Promise<Recognized>,
  partial?: Recognized,
): FakeRecognizer {
  const finished: number[] = []
  const streams = { open: 0, opened: 0 }
  return {
    engine: 'embedded',
    model: 'fake',
    finished,
    streams,
    check: async () => undefined,
    close: async () => undefined,
    open(): RecognizerStream {
      let count = 0
      streams.open++
      streams.opened++
      return {
        write(samples) {
          count += samples.length
        },
        partial: () => partial,
        async finish() {
          streams.open--
          finished.push(count)
          return says()
        },
        cancel() {
          streams.open--
        },
      }
    },
  }
}
