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
const SAMPLED = { people: 2, voices: 8 }
/** Utterances that are heard at once: one for each processor of a small machine. */
const LANES = 2
/** The largest share of a missed yes, %, clean and with noise at 10 dB. */
const REACH = { en: { clean: 12, noise: 20 }, ru: { clean: 10, noise: null } }

/**
 * What the embedded engine makes of people and voices it was not trained on: how often it misses a yes, and how often it takes
 * something else for one, which must not happen. It takes a quarter of an hour on two cores; `--full` leaves no sample out.
 */
export const benchmark: Benchmark = async ({ full, data, tell }) => {
  const recognizer = await openEmbedded({ root: await findSpeechModels() })
  const hears = hearing(recognizer, tell)
  const speakers = await people(data ?? join(projectRoot(), '..', 'shared', 'voice'))
  if (speakers.length === 0) tell('no people: --data names no folder with en/files.tsv')
  const music = await piecesOfMusic()
  const results: Result[] = []
  try {
    for (const language of LANGUAGES) {
      const groups: [keyof typeof SAMPLED, Spoken[]][] = [
        ['people', language === 'en' ? speakers : speakers.map(one => ({ ...one, kind: 'other' }))],
        ['voices', await synthetic(language)],
      ]
      for (const [who, spoken] of groups) {
        if (spoken.length === 0) continue
        const through = conditioner(
          spoken.filter(({ kind }) => kind === 'other').map(({ samples }) => samples),
          music,
        )
        // English people on a Russian line are other words only: one condition is enough.
        const conditions = language === 'ru' && who === 'people' ? CONDITIONS.slice(0, 1) : CONDITIONS
        for (const [c, condition] of conditions.entries()) {
          const step = c > 0 && !full ? SAMPLED[who] : 1
          const heard = spoken.filter(({ kind }, i) => kind === 'yes' || i % step === c % step)
          const taken = await hears(
            language,
            heard.map(one => ({
              ...one,
              samples: () => through(one.samples, condition, c + one.samples.length),
            })),
          )
          results.push(...shares(language, who, condition, heard, taken))
          tell(`${language}, ${who}, ${condition.name}: ${heard.length} heard${whyMissed(heard, taken)}`)
        }
      }
    }
    for (const name of SOUND_SETS) {
      results.push(await falseYesIn(hears, name, full))
      tell(name)
    }
  } finally {
    await recognizer.close()
  }
  return results
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

/** @returns a function that hears utterances, some at once, and tells which are a yes. It names each false one. */
function hearing(recognizer: Recognizer, tell: (line: string) => void): Hears {
  return async (language, utterances) => {
    const taken: Verdict[] = []
    let next = 0
    const lane = async () => {
      for (let i = next++; i < utterances.length; i = next++) {
        const { kind, text, who, samples } = utterances[i]!
        const terms = { language, engine: 'embedded', threshold: THRESHOLD } as const
        const answer = await hearSound(recognizer, terms, samples())
        taken[i] = answer ? [answer.heard, answer.reason].filter(Boolean).join(' ') : 'silence'
        if (answer?.heard === 'yes' && kind !== 'yes')
          tell(`a yes in ${kind}: ${text}, ${who}, ${language} ${JSON.stringify(answer!.scores)}`)
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
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
    ? `; yes taken for ${sorted.map(([verdict, n]) => `${verdict} ${n}`).join(', ')}`
    : ''
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
  const length = 64_000
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
