import { join } from 'node:path'
import { findSpeechModels } from '../../../lab/voice/speech-models.js'
import { projectRoot } from '../../../src/process/project.js'
import { HEARD_LANGUAGES, type HeardLanguage } from '../../../src/shared/policy.js'
import { openEmbedded } from '../../../src/speech/embedded/embedded.js'
import { hearSound } from '../../../src/speech/hear-sound.js'
import type { Recognizer } from '../../../src/speech/recognizer.js'
import { decodeSound, SOUND_SETS, soundsOf, utterancesIn } from '../../support/speech/sounds.js'
import { type Benchmark, figure, type Result } from '../support/benchmark.js'
import { type Condition, conditioner, FULL, QUICK } from './conditions.js'
import { people, type Spoken, synthetic } from './spoken.js'
import { upperBound } from './upper-bound.js'

/** The least score of a yes, as a line has it by default. */
const THRESHOLD = 0.7
/** Utterances of a set of sounds without a yes: a sample, or all. */
const SAMPLE = 60
/** The largest share of a missed yes, %, clean and with noise at 10 dB. */
const REACH = { en: { clean: 12, noise: 20 }, ru: { clean: 10, noise: null } }

/**
 * What the embedded engine makes of people and voices it was not trained on: how often it misses a yes, and how often it takes
 * something else for one, which must not happen.
 */
export const benchmark: Benchmark = async ({ full, data, tell }) => {
  const recognizer = await openEmbedded({ root: await findSpeechModels() })
  const conditions = full ? FULL : QUICK
  const speakers = await people(data ?? join(projectRoot(), '..', 'shared', 'voice'))
  if (speakers.length === 0) tell('no people: --data names no folder with en/files.tsv')
  const results: Result[] = []
  try {
    for (const language of HEARD_LANGUAGES) {
      const groups: [string, Spoken[]][] = [
        ['people', language === 'en' ? speakers : speakers.map(one => ({ ...one, kind: 'other' }))],
        ['voices', await synthetic(language, full)],
      ]
      for (const [who, spoken] of groups) {
        if (spoken.length === 0) continue
        // English people on a Russian line are other words only: one condition is enough.
        const heard = language === 'ru' && who === 'people' ? QUICK.slice(0, 1) : conditions
        for (const condition of heard) {
          results.push(...(await measure(recognizer, language, who, spoken, condition)))
          tell(`${language}, ${who}, ${condition.name}`)
        }
      }
    }
    for (const name of SOUND_SETS) {
      results.push(await falseYesIn(recognizer, name, full))
      tell(name)
    }
  } finally {
    await recognizer.close()
  }
  return results
}

async function measure(
  recognizer: Recognizer,
  language: HeardLanguage,
  who: string,
  spoken: Spoken[],
  condition: Condition,
): Promise<Result[]> {
  const through = conditioner(spoken.filter(({ kind }) => kind === 'other').map(({ samples }) => samples))
  const counts = new Map<string, { yes: number; all: number }>()
  for (const [i, { kind, samples }] of spoken.entries()) {
    const terms = { language, engine: 'embedded', threshold: THRESHOLD } as const
    const answer = await hearSound(recognizer, terms, through(samples, condition, i))
    const count = counts.get(kind) ?? { yes: 0, all: 0 }
    counts.set(kind, { yes: count.yes + (answer?.heard === 'yes' ? 1 : 0), all: count.all + 1 })
  }
  const begin = `${language}, ${who}, ${condition.name}`
  return [...counts].map(([kind, { yes, all }]) => {
    if (kind !== 'yes') return share(`${begin}: yes heard in ${kind}`, yes, all, 0)
    const { clean, noise } = REACH[language]
    const reach = condition.name === 'clean' ? clean : condition.db === 10 ? noise : null
    return share(`${begin}: yes missed`, all - yes, all, reach)
  })
}

async function falseYesIn(recognizer: Recognizer, name: (typeof SOUND_SETS)[number], full: boolean) {
  const paths = await soundsOf(name)
  const step = full ? 1 : Math.max(1, Math.floor(paths.length / SAMPLE))
  const utterances: Int16Array[] = []
  for (const path of paths.filter((_, i) => i % step === 0))
    utterances.push(...utterancesIn(await decodeSound(path, full ? 60 : 6)))
  const heard = full ? utterances : utterances.slice(0, 2 * SAMPLE)
  let yes = 0
  for (const samples of heard)
    for (const language of HEARD_LANGUAGES) {
      const terms = { language, engine: 'embedded', threshold: THRESHOLD } as const
      if ((await hearSound(recognizer, terms, samples))?.heard === 'yes') yes++
    }
  return share(`${name}: yes heard`, yes, heard.length * HEARD_LANGUAGES.length, 0)
}

/** A share of utterances, % with the bound that it does not exceed at 95 %. */
const share = (measure: string, some: number, all: number, reach: number | null): Result =>
  figure(
    { measure, value: (100 * some) / all, unit: `% (${some} of ${all}, at most ${upperBound(some, all)} %)` },
    reach,
  )
