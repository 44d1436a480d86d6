import type { HeardLanguage } from '../../core/policy.js'
import type { SpeechEngine, SpokenClass, SpokenReason } from '../../core/speech.js'
import { upperBound } from '../../lib/upper-bound.js'
import type { Kind } from './script.js'

/** One recording of a speaker, and the engine's result. */
export interface HeardRecording {
  /** Path below the folder of all speakers. */
  file: string
  speaker: string
  kind: Kind
  heard: SpokenClass | 'silence'
  scores: Readonly<Record<string, number>>
  /** As `reason` of a `SpokenAnswer`. */
  reason?: SpokenReason
}

/** A share of recordings, or of speakers. */
export interface Share {
  some: number
  all: number
  /** %. */
  percent: number
  /** With 95 % certainty it is no greater, %. */
  atMost: number
}

/** The engine's results on the speakers of a folder. */
export interface VoiceMeasure {
  language: HeardLanguage
  engine: SpeechEngine
  model: string
  threshold: number
  speakers: number
  /** For each kind of recording: how often it was heard as what. */
  kinds: ({ kind: Kind; all: number } & Record<SpokenClass | 'silence', number>)[]
  /** Share of clear yes that was not heard as one. Null without a recording of a yes. */
  missed: Share | null
  /** Share of other recordings heard as a clear yes. Null without such a recording. */
  falseYes: Share | null
  /**
   * Share of speakers with any other recording heard as a clear yes. Recordings of one speaker are alike, so this
   * figure is safer.
   */
  falseYesSpeakers: Share | null
  /** The recordings of a missed or false yes. */
  wrong: HeardRecording[]
}

const shareOf = (some: number, all: number): Share | null =>
  all === 0
    ? null
    : { some, all, percent: Math.round((1_000 * some) / all) / 10, atMost: upperBound(some, all) }

/** Sums the results up. */
export function measureOf(
  heard: readonly HeardRecording[],
  of: Pick<VoiceMeasure, 'language' | 'engine' | 'model' | 'threshold'>,
): VoiceMeasure {
  const isYes = (one: HeardRecording) => one.heard === 'yes'
  const yes = heard.filter(({ kind }) => kind === 'yes')
  const others = heard.filter(({ kind }) => kind !== 'yes')
  const [missed, falseYes] = [yes.filter(one => !isYes(one)), others.filter(isYes)]
  const speakersOf = (list: readonly HeardRecording[]) => new Set(list.map(({ speaker }) => speaker)).size
  const kinds = [...new Set(heard.map(({ kind }) => kind))].map(kind => {
    const own = heard.filter(one => one.kind === kind)
    const count = (what: HeardRecording['heard']) => own.filter(one => one.heard === what).length
    return {
      ...{ kind, all: own.length, yes: count('yes'), no: count('no'), weak: count('weak') },
      ...{ unclear: count('unclear'), silence: count('silence') },
    }
  })
  return {
    ...of,
    ...{ speakers: speakersOf(heard), kinds, missed: shareOf(missed.length, yes.length) },
    falseYes: shareOf(falseYes.length, others.length),
    falseYesSpeakers: shareOf(speakersOf(falseYes), speakersOf(others)),
    wrong: [...falseYes, ...missed],
  }
}
