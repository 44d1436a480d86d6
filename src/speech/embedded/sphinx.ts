import { type Clock, systemClock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import { findExtent } from './extent.js'
import type { Grammar, GrammarAnswer } from './grammar.js'
import type { Pointer, SphinxLibrary } from './sphinx-library.js'

/** Number of decoders, each with the acoustic model in 40 MB. Two hear two callers at once; further utterances wait some ms. */
const DECODERS = 2

/** Silence kept on each side of the speech, samples: 120 ms. More costs time without effect. */
const MARGIN = 960

/** How long one decoding may take, ms. It usually takes 35 ms. A decoding that exceeds the limit will not end. */
const STUCK_MS = 5_000

/**
 * Probability of breaths, clicks and silence around the words. The model's defaults are so low that they become words.
 */
const BREATHS = ['-fillprob', '1e-2', '-silprob', '0.1']

/** Decodes utterances with one small grammar a language. */
export interface Sphinx {
  /** Whether a decoding has taken more than 5 s. Only the end of the process frees the decoder. */
  readonly isStuck: boolean
  /**
   * @param samples one utterance, 8 kHz
   * @throws AppError `speech.failed`
   */
  decode(grammar: Grammar, samples: Int16Array): Promise<GrammarAnswer>
  close(): void
}

/** An utterance that waits for a decoder. */
interface Waiting {
  resolve(decoder: Pointer): void
  reject(error: AppError): void
}

/**
 * @param model folder of the acoustic model
 * @param grammars all that `decode` will be asked for
 * @throws AppError `speech.unavailable`
 */
export async function openSphinx(
  library: SphinxLibrary,
  model: string,
  grammars: readonly Grammar[],
  clock: Pick<Clock, 'after'> = systemClock,
): Promise<Sphinx> {
  const idle: Pointer[] = []
  const waiting: Waiting[] = []
  const stuck = new Set<Pointer>()
  let closed = false
  const close = () => {
    closed = true
    for (const decoder of idle.splice(0)) library.free(decoder)
    for (const { reject } of waiting.splice(0)) reject(isClosed())
  }
  try {
    for (let i = 0; i < DECODERS; i++) idle.push(await openDecoder(library, model, grammars))
  } catch (error) {
    close()
    throw error
  }
  const release = (decoder: Pointer) => {
    const next = waiting.shift()
    if (closed) library.free(decoder)
    else if (next) next.resolve(decoder)
    else idle.push(decoder)
  }
  return {
    get isStuck() {
      return stuck.size > 0
    },
    async decode(grammar, samples) {
      if (closed) throw isClosed()
      const decoder =
        idle.pop() ??
        (await new Promise<Pointer>((resolve, reject) => void waiting.push({ resolve, reject })))
      const cancel = clock.after(STUCK_MS, () => void stuck.add(decoder))
      try {
        if (library.setSearch(decoder, grammar.name) < 0)
          throw new AppError('speech.failed', `pocketsphinx has no grammar ${grammar.name}`)
        await library.decode(decoder, raised(samples))
        return grammar.answer(library.hypothesis(decoder)?.words ?? null)
      } finally {
        cancel()
        stuck.delete(decoder)
        release(decoder)
      }
    },
    close,
  }
}

const isClosed = () => new AppError('speech.failed', 'pocketsphinx is closed')

async function openDecoder(
  library: SphinxLibrary,
  model: string,
  grammars: readonly Grammar[],
): Promise<Pointer> {
  const refused = (what: string) => new AppError('speech.unavailable', `pocketsphinx does not take ${what}`)
  const args = ['-hmm', model, '-samprate', '16000', '-cmn', 'batch', '-bestpath', 'no', ...BREATHS]
  const config = library.parseArguments(args)
  if (config === null) throw refused('its arguments')
  const decoder = await library.init(config)
  if (decoder === null) throw refused(`the acoustic model in ${model}`)
  try {
    for (const { name, words, text } of grammars) {
      for (const [word, phones] of Object.entries(words))
        if (library.addWord(decoder, word, phones, 0) < 0) throw refused(`the word ${word}`)
      if (library.setGrammar(decoder, name, text) < 0) throw refused(`the grammar ${name}`)
    }
    return decoder
  } catch (error) {
    library.free(decoder)
    throw error
  }
}

/** The utterance's speech with a short silence on each side, at the rate of the acoustic model. */
function raised(samples: Int16Array): Int16Array {
  const { begin, end } = findExtent(samples)
  const spoken = samples.subarray(Math.max(0, begin - MARGIN), end + MARGIN)
  return Int16Array.from(doubleRate(spoken), value => Math.max(-32_768, Math.min(32_767, Math.round(value))))
}

/** Taps on each side of a new sample. 24 keep the pass band flat to 3.7 kHz. */
const REACH = 24

/** A windowed sinc (Hann) at half sample positions. */
const TAPS = Float64Array.from({ length: 2 * REACH }, (_, k) => {
  const distance = k - REACH + 0.5
  const x = Math.PI * distance
  return (Math.sin(x) / x) * (0.5 + 0.5 * Math.cos((Math.PI * distance) / (REACH + 0.5)))
})

/**
 * Raises 8 kHz to 16 kHz. The acoustic model of pocketsphinx was trained at 16 kHz.
 *
 * @returns twice as many samples, in the units of the input
 */
export function doubleRate(samples: ArrayLike<number>): Float32Array {
  const count = samples.length
  const doubled = new Float32Array(2 * count)
  for (let i = 0; i < count; i++) {
    doubled[2 * i] = samples[i]!
    let sum = 0
    const [first, last] = [Math.max(0, REACH - 1 - i), Math.min(2 * REACH, count + REACH - 1 - i)]
    for (let k = first; k < last; k++) sum += TAPS[k]! * samples[i - REACH + 1 + k]!
    doubled[2 * i + 1] = sum
  }
  return doubled
}
