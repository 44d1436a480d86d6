import { createHash } from 'node:crypto'
import { AppError } from '../../../src/core/errors.js'
import type { CreateListener } from '../../../src/speech/process/open-question.js'
import { runSpeechProcess } from '../../../src/speech/process/run.js'
import type { Recognizer } from '../../../src/speech/recognizer.js'

// The speech process with a stand-in for the listener and for the engines: `node speech-child.js`. An utterance is everything after the
// end of the prompt up to 300 ms of silence. Its words are the SHA-256 of its samples. The threshold of a question says what the engine
// does: below 0.1 it fails, below 0.2 it hangs, below 0.3 it fills the memory, below 0.4 the process ends, below 0.5 it is stuck while the
// process goes on.

/** Silence that ends an utterance, samples. */
const END = 2_400

function misbehave(threshold: number): void {
  if (threshold < 0.1) throw new Error('the engine failed')
  if (threshold < 0.2) for (;;) Math.sqrt(2)
  if (threshold < 0.3) for (const all: unknown[] = []; ; ) all.push(new Array(100_000).fill(all.length))
  if (threshold < 0.4) process.exit(9)
}

let stuck = false

const engine: Recognizer = {
  get isStuck() {
    return stuck
  },
  engine: 'embedded',
  model: 'stand-in',
  async check() {},
  open(_language, threshold) {
    const hash = createHash('sha256')
    return {
      write(samples) {
        misbehave(threshold)
        hash.update(samples)
      },
      partial: () => undefined,
      async finish() {
        stuck = threshold < 0.5
        if (stuck) await new Promise(() => {})
        return { heard: 'yes', scores: { yes: 1 }, words: hash.digest('hex') }
      },
      cancel() {},
    }
  },
  async close() {},
}

const createListener: CreateListener = ({ recognizer, terms, onSpeaking, onAnswer }) => {
  const stream = recognizer.open(terms.language, terms.threshold)
  let prompting = true
  let began: number | undefined
  let silent = 0
  const collected: Int16Array[] = []
  return {
    push(samples, position) {
      if (prompting) return
      const loud = samples.some(sample => Math.abs(sample) > 100)
      silent = loud ? 0 : silent + samples.length
      if (loud && began === undefined) onSpeaking()
      if (loud) began ??= position
      if (began === undefined) return
      collected.push(samples)
      if (silent < END) return
      const [from, to] = [began / 8, (position + samples.length - silent) / 8]
      began = undefined
      // Only whole packets with sound count, so that the test can compute the same hash.
      const heard = collected.splice(0).filter(one => one.some(sample => Math.abs(sample) > 100))
      for (const one of heard) stream.write(one)
      const sound = terms.keepYes && Int16Array.from(heard.flatMap(one => [...one]))
      void stream.finish(true).then(({ heard, scores, words }) =>
        onAnswer(
          {
            ...{ heard, scores, engine: recognizer.engine, model: recognizer.model, terms },
            ...(words === undefined ? {} : { words }),
            ...{ beganMs: from, endedMs: to, decidedMs: to + 300 },
          },
          sound || undefined,
        ),
      )
    },
    promptEnded() {
      prompting = false
    },
    close: () => stream.cancel(),
  }
}

await runSpeechProcess({
  loaders: {
    embedded: async () => [{ recognizer: engine, languages: ['ru', 'en'] }],
    sherpa: async settings => {
      if (!settings.sherpa.ru) return []
      throw new AppError('speech.unavailable', `there is no model in ${settings.sherpa.ru.folder}`)
    },
    vosk: async () => [],
  },
  createListener,
})
