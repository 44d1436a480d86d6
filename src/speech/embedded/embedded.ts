import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import { HEARD_LANGUAGES, type HeardLanguage } from '../../core/policy.js'
import { withDeadline } from '../../lib/deadline.js'
import { CHECK_MS, KeptCheck, SILENCE } from '../kept-check.js'
import { RESULT_MS, type Recognized, type Recognizer, type RecognizerStream } from '../recognizer.js'
import { SAMPLES_PER_MS } from '../utterances.js'
import { type Extent, findExtent } from './extent.js'
import { type Grammar, type GrammarAnswer, grammarOf } from './grammar.js'
import { NET_CLASSES, type Net, type NetClass, netFile, openNet } from './net.js'
import { openSphinx, type Sphinx } from './sphinx.js'
import { findSphinx, loadSphinx, type SphinxPlace } from './sphinx-library.js'

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

/** The listener refuses longer utterances. Further samples are not kept: 4 s. */
const MOST_SAMPLES = 32_000

/**
 * Collects an utterance, and recognises it as a whole. Recognition starts at the beginning of each pause, so that the
 * answer is ready if the pause ends the utterance.
 */
export class UtteranceStream implements RecognizerStream {
  private samples = new Int16Array(8_000)
  private count = 0
  /** The answer to the audio that was last recognised, pending or ready. */
  private answer: Promise<Recognized> | undefined
  private said: Recognized | undefined
  private ended = false

  /**
   * @param recognize recognises an utterance, 8 kHz
   * @param done called once, when the utterance was ended or cancelled
   */
  constructor(
    private readonly recognize: (samples: Int16Array) => Promise<Recognized>,
    private readonly done: () => void,
    private readonly clock: Pick<Clock, 'after'> = systemClock,
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

  partial(hasSpoken: boolean): Recognized | undefined {
    void this.ask(hasSpoken)
    return this.said
  }

  finish(hasSpoken: boolean): Promise<Recognized> {
    const answer = this.ask(hasSpoken)
    this.end()
    const error = () => new AppError('speech.timeout', `the engine gave no result within ${RESULT_MS} ms`)
    return withDeadline(answer, { clock: this.clock, ms: RESULT_MS, error })
  }

  cancel(): void {
    this.end()
    this.samples = new Int16Array(0)
    this.count = 0
  }

  /** Recognises the utterance so far, unless it is unchanged since the last time. */
  private ask(hasSpoken: boolean): Promise<Recognized> {
    if (this.answer && !hasSpoken) return this.answer
    const answer = this.recognize(this.samples.slice(0, this.count))
    this.answer = answer
    this.said = undefined
    answer.then(
      recognized => {
        if (this.answer === answer) this.said = recognized
      },
      // `finish` meets the same failure and reports it.
      () => undefined,
    )
    return answer
  }

  private end(): void {
    if (this.ended) return
    this.ended = true
    this.done()
  }
}

/** The least score of a no, and of a weak yes. Neither starts a recording, so the likeliest class is enough. */
const LEAST_SCORE = 0.5

/**
 * The sound around speech. Noise hides the sounds that distinguish "nest" from a yes, so more noise requires a higher
 * score.
 */
interface Surroundings {
  /** Least distance of the speech above it, dB. */
  fromDb: number
  /** The threshold is raised by this share of the rest to 1: a half turns 0.7 into 0.85. */
  raised: Record<HeardLanguage, number>
  /** The same for a yes that the grammar misses, as it often does in noise; undefined if no score is enough. */
  raisedAlone?: Record<HeardLanguage, number>
}
const both = (share: number): Record<HeardLanguage, number> => ({ en: share, ru: share })
/** A quiet room, where speech on a telephone is 45 dB and more above its surroundings. */
const QUIET: Surroundings = { fromDb: 40, raised: both(0) }
/**
 * Noise levels, from low to high. With street noise at 10 dB, speech is some 20 dB above it; at 5 dB, some 15. In
 * noise, other Russian words score like a yes.
 */
const NOISES: Surroundings[] = [
  { fromDb: 20.5, raised: { en: 1 / 5, ru: 1 / 2 }, raisedAlone: { en: 1 / 5, ru: 1 / 2 } },
  { fromDb: 15, raised: both(1 / 2), raisedAlone: both(2 / 3) },
  { fromDb: Number.NEGATIVE_INFINITY, raised: both(3 / 4), raisedAlone: both(4 / 5) },
]
/**
 * Shorter speech in a quiet room may be the rest of a sentence that a pause cut off, ms. One in four English yeses is
 * as short, and nearly all of them score higher.
 */
const SHORT_MS = 330
/** The threshold for short speech is raised by this share, as above. A Russian yes is often that short. */
const SHORT_RAISED: Record<HeardLanguage, number> = { en: 1 / 2, ru: 0 }

/** The net's judgement of an utterance. For `yes`, pocketsphinx is asked too. */
interface Judgement extends Recognized {
  scores: Readonly<Record<NetClass, number>>
  /** The least score of a yes that the grammar hears, too. */
  least: number
  /** The same for a yes that the grammar misses, as it often does in noise. Without noise no score is enough. */
  leastAlone: number
}

/**
 * @param threshold the least score of a yes, 0 to 1
 * @param extent where the speech is in the utterance
 */
export function heardByNet(
  scores: Record<NetClass, number>,
  threshold: number,
  { begin, end, rangeDb }: Pick<Extent, 'begin' | 'end' | 'rangeDb'>,
  language: HeardLanguage,
): Judgement {
  const noise = rangeDb < QUIET.fromDb ? NOISES.find(({ fromDb }) => rangeDb >= fromDb) : undefined
  const isShort = !noise && end - begin < SHORT_MS * SAMPLES_PER_MS
  const { raised, raisedAlone } = noise ?? QUIET
  const raisedBy = (share: number) => threshold + share * (1 - threshold)
  const least = raisedBy(isShort ? SHORT_RAISED[language] : raised[language])
  const leastAlone = raisedAlone ? raisedBy(raisedAlone[language]) : Number.POSITIVE_INFINITY
  const likeliest = NET_CLASSES.reduce((best, name) => (scores[name] > scores[best] ? name : best))
  const score = scores[likeliest]
  const judged = { scores, least, leastAlone }
  if (likeliest === 'yes') {
    if (score >= least) return { heard: 'yes', ...judged }
    const reason = score < threshold ? 'score' : noise ? 'noise' : 'short'
    return { heard: 'unclear', reason, ...judged }
  }
  if (likeliest === 'other' || score < LEAST_SCORE) return { heard: 'unclear', ...judged }
  return { heard: likeliest, ...judged }
}

/**
 * The rule: a no of either is a no; a yes needs both. In noise, where the grammar misses many a yes, the net's yes is
 * enough unless the grammar hears a no. The louder the noise, the higher its score must be. Everything else is unclear.
 *
 * @param grammar result of pocketsphinx; undefined if it was not asked
 */
export function decide({ least, leastAlone, ...judged }: Judgement, grammar?: GrammarAnswer): Recognized {
  if (grammar === undefined)
    return { ...judged, needed: least, ...(judged.heard === 'yes' && { heard: 'unclear' }) }
  const scores = { ...judged.scores, grammar: grammar === 'yes' ? 1 : 0 }
  if (judged.heard === 'no' || grammar === 'no')
    return { heard: 'no', scores, ...(judged.heard === 'yes' && { reason: 'grammar' }) }
  const needed = grammar === 'yes' ? least : leastAlone
  const asked = { ...judged, scores, ...(Number.isFinite(needed) && { needed }) }
  if (judged.heard !== 'yes' || judged.scores.yes >= needed) return asked
  return { ...asked, heard: 'unclear', reason: 'grammar' }
}
