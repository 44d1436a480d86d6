import { join } from 'node:path'
import { findSpeechModels } from '../../../lab/voice/speech-models.js'
import { projectRoot } from '../../../src/process/project.js'
import { LANGUAGES, type Language } from '../../../src/shared/policy.js'
import { openEmbedded } from '../../../src/speech/embedded/embedded.js'
import { hearSound } from '../../../src/speech/hear-sound.js'
import type { Recognizer } from '../../../src/speech/recognizer.js'
import { decodeSound, SOUND_SETS, soundsOf, utterancesIn } from '../../support/speech/sounds.js'
import { type Benchmark, figure, type Result } from '../support/benchmark.js'
import { CONDITIONS, type Condition, conditioner } from './conditions.js'
import { people, type Spoken, synthetic } from './spoken.js'
import { upperBound } from './upper-bound.js'

/** The least score of a yes, as a line has it by default. */
const THRESHOLD = 0.7
/** Utterances of a set of sounds without a yes: a sample, or all. */
const SAMPLE = 60
/**
 * Of what is no yes, one utterance in so many is heard in a condition other than the first: another one in each. Every yes is heard
 * in each condition.
 */
const SAMPLED = { people: 1, voices: 4 }
/** The largest share of a missed yes, %, clean and with noise at 10 dB. */
const REACH = { en: { clean: 12, noise: 20 }, ru: { clean: 10, noise: null } }

/** Who speaks a language, and in which conditions. */
interface Group {
  language: Language
  who: keyof typeof SAMPLED
  spoken: Spoken[]
  conditions: readonly Condition[]
}

/**
 * What the embedded engine makes of people and voices it was not trained on: how often it misses a yes, and how often it takes
 * something else for one, which must not happen. It tells each row when it has it. One utterance is heard at a time. It takes ten
 * minutes on a processor of its own; `--full` leaves no sample out and takes half an hour.
 */
export const benchmark: Benchmark = async ({ full, data, tell }) => {
  const recognizer = await openEmbedded({ root: await findSpeechModels() })
  const hears = hearing(recognizer, tell)
  const groups = await groupsIn(data ?? join(projectRoot(), '..', 'shared', 'voice'), tell)
  const music = await piecesOfMusic()
  const results: Result[] = []
  try {
    for (const { language, who, spoken, conditions } of groups) {
      const step = full ? 1 : SAMPLED[who]
      tell(`${language}, ${who}: ${countsOf(spoken)}; of what is no yes, 1 in ${step} in each harm`)
      const babblers = spoken.filter(({ kind }) => kind === 'other').map(({ samples }) => samples)
      const through = conditioner(babblers, music)
      for (const [c, condition] of conditions.entries()) {
        const heard = spoken.filter(({ kind }, i) => kind === 'yes' || c === 0 || i % step === c % step)
        const made = heard.map(one => ({
          ...one,
          samples: () => through(one.samples, condition, c + one.samples.length),
        }))
        const taken = await hears(language, made)
        const row = shares(language, who, condition, heard, taken)
        results.push(...row)
        for (const { measure, value, unit } of row) tell(`${measure} ${value} ${unit}`)
        tell(`  ${whyMissed(heard, taken)}`)
      }
    }
    for (const name of SOUND_SETS) {
      const heard = await falseYesIn(hears, name, full)
      results.push(heard)
      tell(`${heard.measure} ${heard.value} ${heard.unit}`)
    }
  } finally {
    await recognizer.close()
  }
  return results
}

/** @param data folder with `en/files.tsv` */
async function groupsIn(data: string, tell: (line: string) => void): Promise<Group[]> {
  const speakers = await people(data)
  if (speakers.length === 0) tell(`no people: ${data} has no en/files.tsv; name its folder with --data`)
  const foreigners = speakers.map(one => ({ ...one, kind: 'other' }))
  tell('synthetic voices speak; what they said before is in var/bench-voice')
  const groups: Group[] = [
    { language: 'en', who: 'people', spoken: speakers, conditions: CONDITIONS },
    { language: 'en', who: 'voices', spoken: await synthetic('en'), conditions: CONDITIONS },
    { language: 'ru', who: 'voices', spoken: await synthetic('ru'), conditions: CONDITIONS },
    // English people on a Russian line are other words only: one condition is enough.
    { language: 'ru', who: 'people', spoken: foreigners, conditions: CONDITIONS.slice(0, 1) },
  ]
  return groups.filter(({ spoken }) => spoken.length > 0)
}

function countsOf(spoken: readonly Spoken[]): string {
  const yes = spoken.filter(({ kind }) => kind === 'yes').length
  return `${yes} yes, ${spoken.length - yes} others of ${new Set(spoken.map(({ who }) => who)).size} speakers`
}

/** What is to be heard. The samples are made when it is its turn. */
interface Utterance {
  kind: string
  text: string
  who: string
  samples: () => Int16Array
}

/** What was made of an utterance: `yes`, or what it was instead, with the reason. */
type Verdict = string

type Hears = (language: Language, utterances: readonly Utterance[]) => Promise<Verdict[]>

/** @returns a function that hears utterances, one after another. It names each false yes. */
function hearing(recognizer: Recognizer, tell: (line: string) => void): Hears {
  return async (language, utterances) => {
    const taken: Verdict[] = []
    for (const { kind, text, who, samples } of utterances) {
      const terms = { language, engine: 'embedded', threshold: THRESHOLD } as const
      const answer = await hearSound(recognizer, terms, samples())
      taken.push(answer ? [answer.heard, answer.reason].filter(Boolean).join(' ') : 'silence')
      if (answer?.heard === 'yes' && kind !== 'yes')
        tell(`a yes in ${kind}: ${text}, ${who}, ${language} ${JSON.stringify(answer.scores)}`)
    }
    return taken
  }
}

function shares(
  language: Language,
  who: string,
  condition: Condition,
  heard: readonly Spoken[],
  taken: readonly Verdict[],
): Result[] {
  const begin = `${language}, ${who}, ${condition.name}`
  const { clean, noise } = REACH[language]
  const reach = condition.name === 'clean' ? clean : condition.db === 10 ? noise : null
  const among = (is: (kind: string) => boolean) => taken.filter((_, i) => is(heard[i]!.kind))
  const count = (list: readonly Verdict[]) => list.filter(one => one === 'yes').length
  const yes = among(kind => kind === 'yes')
  const no = among(kind => kind === 'no')
  const other = among(kind => kind !== 'yes' && kind !== 'no')
  return [
    ...(yes.length > 0 ? [share(`${begin}: yes missed`, yes.length - count(yes), yes.length, reach)] : []),
    ...(no.length > 0 ? [share(`${begin}: yes heard in no`, count(no), no.length, 0)] : []),
    share(`${begin}: yes heard in other`, count(other), other.length, 0),
  ]
}

/** What a missed yes was taken for, most frequent first. */
function whyMissed(heard: readonly Spoken[], taken: readonly Verdict[]): string {
  const counts = new Map<Verdict, number>()
  for (const [i, verdict] of taken.entries())
    if (heard[i]!.kind === 'yes' && verdict !== 'yes') counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
  const sorted = [...counts].sort((a, b) => b[1] - a[1])
  return sorted.length > 0
    ? `yes taken for ${sorted.map(([verdict, n]) => `${verdict} ${n}`).join(', ')}`
    : 'no yes missed'
}

async function falseYesIn(hears: Hears, name: (typeof SOUND_SETS)[number], full: boolean) {
  const paths = await soundsOf(name)
  const step = full ? 1 : Math.max(1, Math.floor(paths.length / SAMPLE))
  const utterances: Utterance[] = []
  for (const path of paths.filter((_, i) => i % step === 0))
    for (const samples of utterancesIn(await decodeSound(path, full ? 60 : 6)))
      utterances.push({ kind: 'other', text: path, who: name, samples: () => samples })
  const heard = full ? utterances : utterances.slice(0, 2 * SAMPLE)
  let yes = 0
  for (const language of LANGUAGES) yes += (await hears(language, heard)).filter(one => one === 'yes').length
  return share(`${name}: yes heard`, yes, heard.length * LANGUAGES.length, 0)
}

/** Music on hold, which no head was trained with. */
async function piecesOfMusic(): Promise<Int16Array[]> {
  const paths = await soundsOf('music')
  const whole = await Promise.all(paths.map(path => decodeSound(path, 60)))
  const length = 80_000
  return whole.flatMap(sound =>
    Array.from({ length: Math.floor(sound.length / length) }, (_, i) =>
      sound.subarray(i * length, (i + 1) * length),
    ),
  )
}

/** A share of utterances, % with the bound that it does not exceed at 95 %. */
const share = (measure: string, some: number, all: number, reach: number | null): Result =>
  figure(
    { measure, value: (100 * some) / all, unit: `% (${some} of ${all}, at most ${upperBound(some, all)} %)` },
    reach,
  )
