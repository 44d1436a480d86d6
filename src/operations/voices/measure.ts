import type { HeardLanguage } from '../../shared/policy.js'
import type { SpeechEngine, SpokenClass, SpokenReason } from '../../shared/speech.js'
import { upperBound } from '../../shared/upper-bound.js'
import type { Kind } from './script.js'

/** One recording of a speaker, and what the engine made of it. */
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

/** What an engine makes of the speakers of a folder. */
export interface VoiceMeasure {
  language: HeardLanguage
  engine: SpeechEngine
  model: string
  threshold: number
  speakers: number
  /** Of each kind that was recorded: how many are heard as what. */
  kinds: ({ kind: Kind; all: number } & Record<SpokenClass | 'silence', number>)[]
  /** Yes that were not heard as one. Null without a recording of a yes. */
  missed: Share | null
  /** What is no clear yes, and was heard as one. Null without such a recording. */
  falseYes: Share | null
  /** Speakers of whom anything but a clear yes was heard as one. Those of one speaker are alike, so this is the safer figure. */
  falseYesSpeakers: Share | null
  /** The recordings of a missed or false yes. */
  wrong: HeardRecording[]
}

const shareOf = (some: number, all: number): Share | null =>
  all === 0
    ? null
    : { some, all, percent: Math.round((1_000 * some) / all) / 10, atMost: upperBound(some, all) }

/** Sums up what was heard. */
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
