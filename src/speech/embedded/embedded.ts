import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../shared/errors.js'
import { HEARD_LANGUAGES, type HeardLanguage } from '../../shared/policy.js'
import type { Recognized, Recognizer, RecognizerStream } from '../recognizer.js'
import { decide, heardByNet, type Judgement } from './decide.js'
import { findExtent } from './extent.js'
import { type Grammar, grammarOf } from './grammar.js'
import { type Net, netFile, openNet } from './net.js'
import { openSphinx, type Sphinx } from './sphinx.js'
import { findSphinx, type SphinxPlace } from './sphinx-library.js'

/** Utterances at once. Each holds at most four seconds of audio, and takes some 45 ms of processor at its end. */
const MOST_STREAMS = 64
/** Longer utterances are refused by the listener. What comes after is not kept, samples: 4 s. */
const MOST_SAMPLES = 32_000

/** Where the files of the engine are. */
export interface EmbeddedPlace {
  /** Below it are pocketsphinx and its acoustic model as Debian installs them: `/`, or a folder with unpacked packages. */
  root: string
}

interface Parts {
  sphinx: Sphinx
  languages: Map<HeardLanguage, { net: Net; grammar: Grammar }>
}

/**
 * Opens the engine that needs no other process: a small net for each language, and pocketsphinx. `decide.ts` has the rule.
 *
 * @throws AppError `speech.unavailable`, which says what to install
 */
export async function openEmbedded({ root }: EmbeddedPlace): Promise<Recognizer> {
  const place = findSphinx(root)
  const languages: Parts['languages'] = new Map()
  try {
    for (const language of HEARD_LANGUAGES)
      languages.set(language, { net: await openNet(netFile(language)), grammar: grammarOf(language) })
    const grammars = [...languages.values()].map(({ grammar }) => grammar)
    const model = hashOf(place, grammars)
    return new EmbeddedRecognizer({ sphinx: await openSphinx(place, grammars), languages }, model)
  } catch (error) {
    await closeNets(languages)
    throw error
  }
}

/** SHA-256 of all that decides what is heard, hex. */
function hashOf({ model }: SphinxPlace, grammars: readonly Grammar[]): string {
  const hash = createHash('sha256')
  const files = ['mdef', 'means', 'variances', 'sendump'].map(name => join(model, name))
  for (const path of [...files, ...HEARD_LANGUAGES.map(netFile)]) hash.update(readFileSync(path))
  for (const { text, words } of grammars) hash.update(text).update(JSON.stringify(words))
  return hash.digest('hex')
}

const closeNets = async (languages: Parts['languages']): Promise<void> => {
  await Promise.all([...languages.values()].map(({ net }) => net.close()))
}

class EmbeddedRecognizer implements Recognizer {
  readonly engine = 'embedded'
  private open_ = 0

  constructor(
    private readonly parts: Parts,
    readonly model: string,
  ) {}

  async check(language: HeardLanguage): Promise<void> {
    this.partsOf(language)
  }

  open(language: HeardLanguage, threshold: number): RecognizerStream {
    const { net, grammar } = this.partsOf(language)
    if (this.open_ >= MOST_STREAMS)
      throw new AppError('speech.busy', `${MOST_STREAMS} callers are being heard`, { retryable: true })
    this.open_++
    const judge = async (samples: Int16Array) =>
      heardByNet(await net.classify(samples), threshold, findExtent(samples), language)
    const confirm = (samples: Int16Array) => this.parts.sphinx.decode(grammar, samples)
    return new EmbeddedStream(judge, confirm, () => {
      this.open_--
    })
  }

  close(): Promise<void> {
    this.parts.sphinx.close()
    return closeNets(this.parts.languages)
  }

  private partsOf(language: HeardLanguage) {
    const parts = this.parts.languages.get(language)
    if (!parts) throw new AppError('speech.unavailable', `the embedded engine does not hear ${language}`)
    return parts
  }
}

class EmbeddedStream implements RecognizerStream {
  private samples = new Int16Array(8_000)
  private count = 0
  /** What the net made of the audio when it was last asked, and how much audio that was. */
  private said: Recognized | undefined
  private asked = -1
  private ended = false

  constructor(
    private readonly judge: (samples: Int16Array) => Promise<Judgement>,
    private readonly confirm: (samples: Int16Array) => ReturnType<Sphinx['decode']>,
    private readonly done: () => void,
  ) {}

  write(samples: Int16Array): void {
    if (this.ended) return
    const fitting = samples.subarray(0, MOST_SAMPLES - this.count)
    if (this.count + fitting.length > this.samples.length) {
      const larger = new Int16Array(2 * (this.count + fitting.length))
      larger.set(this.samples)
      this.samples = larger
    }
    this.samples.set(fitting, this.count)
    this.count += fitting.length
  }

  /** Asked once in each pause. The net answers some ms later. It never says yes here: only `finish` asks pocketsphinx. */
  partial(): Recognized | undefined {
    if (this.asked < 0 || this.count - this.asked > PAUSE_SAMPLES) {
      this.asked = this.count
      this.said = undefined
      const asked = this.asked
      this.judge(this.audio()).then(
        judged => {
          if (this.asked === asked) this.said = decide(judged)
        },
        // `finish` meets the same failure and tells it.
        () => undefined,
      )
    }
    return this.said
  }

  async finish(): Promise<Recognized> {
    const audio = this.audio()
    this.end()
    const judged = await this.judge(audio)
    return decide(judged, judged.heard === 'yes' ? await this.confirm(audio) : undefined)
  }

  cancel(): void {
    this.end()
    this.samples = new Int16Array(0)
    this.count = 0
  }

  private audio(): Int16Array {
    return this.samples.slice(0, this.count)
  }

  private end(): void {
    if (this.ended) return
    this.ended = true
    this.done()
  }
}

/** A pause ends an utterance within this time. Later the net is asked again: 600 ms. */
const PAUSE_SAMPLES = 4_800
