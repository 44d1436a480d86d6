import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import { HEARD_LANGUAGES, type HeardLanguage } from '../../core/policy.js'
import { withDeadline } from '../../lib/deadline.js'
import { CHECK_MS, KeptCheck, SILENCE } from '../kept-check.js'
import type { Recognizer, RecognizerStream } from '../recognizer.js'
import { decide, heardByNet } from './decide.js'
import { findExtent } from './extent.js'
import { type Grammar, grammarOf } from './grammar.js'
import { type Net, netFile, openNet } from './net.js'
import { openSphinx, type Sphinx } from './sphinx.js'
import { findSphinx, loadSphinx, type SphinxPlace } from './sphinx-library.js'
import { UtteranceStream } from './utterance-stream.js'

/** Utterances at once. Each holds at most four seconds of audio, and takes some 35 ms of processor in a pause. */
const MOST_STREAMS = 64

/** Where the files of the engine are. */
export interface EmbeddedPlace {
  /** Below it are pocketsphinx and its acoustic model as Debian installs them: `/`, or a folder with unpacked packages. */
  root: string
}

/** The engine's parts for one language. */
interface LanguageParts {
  net: Net
  grammar: Grammar
}

interface Parts {
  sphinx: Sphinx
  languages: Map<HeardLanguage, LanguageParts>
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
    const sphinx = await openSphinx(loadSphinx(place), place.model, grammars)
    return new EmbeddedRecognizer({ sphinx, languages }, model)
  } catch (error) {
    await closeNets(languages)
    throw error
  }
}

/** SHA-256 of everything that affects recognition, hex. */
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

export class EmbeddedRecognizer implements Recognizer {
  readonly engine = 'embedded'
  private open_ = 0
  private readonly checks = new Map<HeardLanguage, KeptCheck>()

  constructor(
    private readonly parts: Parts,
    readonly model: string,
    private readonly clock: Pick<Clock, 'after' | 'elapsed'> = systemClock,
  ) {
    for (const [language, one] of parts.languages)
      this.checks.set(language, new KeptCheck(() => this.tryOut(one), clock))
  }

  get isStuck(): boolean {
    return this.parts.sphinx.isStuck
  }

  async check(language: HeardLanguage): Promise<void> {
    this.partsOf(language)
    await this.checks.get(language)!.run()
  }

  open(language: HeardLanguage, threshold: number): RecognizerStream {
    const { net, grammar } = this.partsOf(language)
    if (this.open_ >= MOST_STREAMS)
      throw new AppError('speech.busy', `${MOST_STREAMS} callers are being heard`, { retryable: true })
    this.open_++
    const recognize = async (samples: Int16Array) => {
      const judged = heardByNet(await net.classify(samples), threshold, findExtent(samples), language)
      return decide(
        judged,
        judged.heard === 'yes' ? await this.parts.sphinx.decode(grammar, samples) : undefined,
      )
    }
    const done = () => void this.open_--
    return new UtteranceStream(recognize, done, this.clock)
  }

  close(): Promise<void> {
    this.parts.sphinx.close()
    return closeNets(this.parts.languages)
  }

  /** Tests both parts with silence. An utterance may not need both. */
  private async tryOut({ net, grammar }: LanguageParts): Promise<void> {
    const work = Promise.all([net.classify(SILENCE), this.parts.sphinx.decode(grammar, SILENCE)])
    const error = () => new AppError('speech.timeout', `no result within ${CHECK_MS} ms`)
    try {
      await withDeadline(work, { clock: this.clock, ms: CHECK_MS, error })
    } catch (cause) {
      const message = `the embedded engine does not recognise: ${(cause as Error).message}`
      throw new AppError('speech.unavailable', message, { retryable: true, cause })
    }
  }

  private partsOf(language: HeardLanguage) {
    const parts = this.parts.languages.get(language)
    if (!parts) throw new AppError('speech.unavailable', `the embedded engine does not hear ${language}`)
    return parts
  }
}
