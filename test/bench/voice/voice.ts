import { join } from 'node:path'
import type { HeardLanguage } from '../../../src/core/policy.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { hearSound, type InCall } from '../../../src/speech/listen-file.js'
import { decodeSound, SOUND_SETS, soundsOf, utterancesIn } from '../../support/speech/sounds.js'
import type { Benchmark, Result } from '../support/benchmark.js'
import { type Cell, cellOf, nextOf, resultsOf, share, type Verdict, whyMissed } from './cells.js'
import { CONDITIONS, conditioner, QUESTION_END_MS } from './conditions.js'
import { type OpenEngine, openEngine } from './open-engines.js'
import { nearWords, people, type Spoken, synthetic } from './spoken.js'

/** The least score of a yes, as a line has it by default. */
const THRESHOLD = 0.7
/** Pieces of a set of sounds without a yes. */
const SAMPLE = 24
/** How long utterances are heard before the table is made of what was heard, ms: 10 minutes. A round that has begun is completed. */
const LIMIT_MS = 600_000

/** What words that sound like a yes go through: they are most like one in a quiet room and in some noise. */
const NEAR_CONDITIONS = CONDITIONS.filter(({ name }) => ['clean', 'street 10 dB'].includes(name))

/** Speakers who are heard in some conditions. */
interface Group {
  cells: Cell[]
  /** The utterance as it is in the condition of a cell. */
  through(spoken: Spoken, cell: Cell): Int16Array
}

/**
 * What an engine makes of people and voices it was not trained on: how often it misses a yes, and how often it takes
 * something else for one, which must not happen. All rows grow in rounds, each by a few utterances that are drawn from all, until
 * everything is heard or the time is over; each row says how many it is of. One utterance is heard at a time. `--full` has no limit. The engine
 * is `embedded`, or another one with the servers and models of the settings.
 */
export const benchmark: Benchmark = async ({ full, data, engine, tell }) => {
  const opened = await openEngine(engine ?? 'embedded')
  const languages = [...opened.recognizers.keys()]
  const hears = hearing(opened, tell)
  try {
    const all = await groupsIn(data ?? join(projectRoot(), '..', 'shared', 'voice'), tell)
    const groups = all.filter(({ cells: [cell] }) => languages.includes(cell!.language))
    await hearInRounds(groups, hears, full ? Number.POSITIVE_INFINITY : LIMIT_MS, tell)
    const sounds: Result[] = []
    for (const name of SOUND_SETS) {
      sounds.push(await falseYesIn(hears, languages, name, full))
      tell(told(sounds.at(-1)!))
    }
    const cells = groups.flatMap(group => group.cells)
    for (const cell of cells.filter(({ heard }) => heard.some(({ kind }) => kind === 'yes')))
      tell(`${cell.language}, ${cell.who}, ${cell.condition.name}: yes taken for ${whyMissed(cell) || 'yes'}`)
    return [...cells.flatMap(resultsOf), ...sounds]
  } finally {
    await opened.close()
  }
}

/** The conditions put silence around an utterance, in which the question ends. */
const IN_QUESTION: InCall = { aroundMs: 0, promptEndMs: QUESTION_END_MS }

const told = ({ measure, value, unit }: Result) => `${measure} ${value} ${unit}`

async function hearInRounds(groups: Group[], hears: Hears, limitMs: number, tell: (line: string) => void) {
  const begun = performance.now()
  const all = groups.flatMap(({ cells }) => cells)
  const left = () => all.reduce((sum, { left: { yes, others } }) => sum + yes.length + others.length, 0)
  for (let round = 1; left() > 0; round++) {
    for (const { cells, through } of groups)
      for (const cell of cells) {
        const next = nextOf(cell)
        const made = next.map(one => ({ ...one, samples: () => through(one, cell), inCall: IN_QUESTION }))
        const taken = await hears(cell.language, made)
        cell.heard.push(...next.map(({ kind }, i) => ({ kind, verdict: taken[i]! })))
      }
    const seconds = Math.round((performance.now() - begun) / 1_000)
    tell(
      `round ${round}, ${seconds} s: ${all.reduce((sum, one) => sum + one.heard.length, 0)} heard, ${left()} left`,
    )
    for (const cell of all.filter(({ who, language }) => who === 'people' && language === 'en'))
      tell(`  ${resultsOf(cell).map(told).join('; ')}`)
    if (performance.now() - begun >= limitMs) return
  }
}

/** @param data folder with `en/files.tsv` */
async function groupsIn(data: string, tell: (line: string) => void): Promise<Group[]> {
  const speakers = await people(data)
  if (speakers.length === 0)
    tell(`no people who are held out in ${join(data, 'en', 'files.tsv')}; name another folder with --data`)
  const foreigners = speakers.map(one => ({ ...one, kind: 'other' }))
  tell('synthetic voices speak; what they said before is in var/bench-voice')
  const music = await piecesOfMusic()
  const groupOf = (
    language: HeardLanguage,
    who: string,
    spoken: Spoken[],
    conditions = CONDITIONS,
  ): Group => {
    const babblers = spoken.filter(({ kind }) => kind === 'other').map(({ samples }) => samples)
    const make = conditioner(babblers, music)
    const seeds = new Map(spoken.map((one, i) => [one, i]))
    const yes = spoken.filter(({ kind }) => kind === 'yes').length
    const speakers = new Set(spoken.map(one => one.who)).size
    tell(`${language}, ${who}: ${yes} yes, ${spoken.length - yes} others of ${speakers} speakers`)
    return {
      cells: conditions.map((condition, c) => cellOf({ language, who }, condition, spoken, c)),
      // Each utterance meets another piece of the noise.
      through: (one, { condition }) => make(one.samples, condition, seeds.get(one)!),
    }
  }
  return [
    ...(speakers.length > 0 ? [groupOf('en', 'people', speakers)] : []),
    groupOf('en', 'voices', await synthetic('en')),
    groupOf('ru', 'voices', await synthetic('ru')),
    groupOf('en', 'words like a yes', await nearWords('en', true), NEAR_CONDITIONS),
    groupOf('ru', 'words like a yes', await nearWords('ru', true), NEAR_CONDITIONS),
    groupOf('en', 'untaught words like a yes', await nearWords('en', false), NEAR_CONDITIONS),
    groupOf('ru', 'untaught words like a yes', await nearWords('ru', false), NEAR_CONDITIONS),
    // English people on a Russian line are other words only: one condition is enough.
    ...(speakers.length > 0 ? [groupOf('ru', 'people', foreigners, CONDITIONS.slice(0, 1))] : []),
  ]
}

/** What is to be heard. The samples are made when it is its turn. */
interface Utterance {
  kind: string
  text: string
  who: string
  samples: () => Int16Array
  inCall?: InCall
}

type Hears = (language: HeardLanguage, utterances: readonly Utterance[]) => Promise<Verdict[]>

/** @returns a function that hears utterances, one after another. It names each false yes. */
function hearing({ engine, recognizers }: OpenEngine, tell: (line: string) => void): Hears {
  return async (language, utterances) => {
    const taken: Verdict[] = []
    for (const { kind, text, who, samples, inCall } of utterances) {
      const terms = { language, engine, threshold: THRESHOLD }
      const answer = await hearSound(recognizers.get(language)!, terms, samples(), inCall)
      taken.push(answer ? [answer.heard, answer.reason].filter(Boolean).join(' ') : 'silence')
      if (answer?.heard === 'yes' && kind !== 'yes')
        tell(`a yes in ${kind}: ${text}, ${who}, ${language} ${JSON.stringify(answer.scores)}`)
    }
    return taken
  }
}

async function falseYesIn(
  hears: Hears,
  languages: readonly HeardLanguage[],
  name: (typeof SOUND_SETS)[number],
  full: boolean,
) {
  const paths = await soundsOf(name)
  const step = full ? 1 : Math.max(1, Math.floor(paths.length / SAMPLE))
  const utterances: Utterance[] = []
  for (const path of paths.filter((_, i) => i % step === 0))
    for (const samples of utterancesIn(await decodeSound(path, full ? 60 : 6)))
      utterances.push({ kind: 'other', text: path, who: name, samples: () => samples })
  const heard = full ? utterances : utterances.slice(0, SAMPLE)
  let yes = 0
  for (const language of languages) yes += (await hears(language, heard)).filter(one => one === 'yes').length
  return share(`${name}: yes heard`, yes, heard.length * languages.length, 0)
}

/** Music on hold, which no net was trained with. */
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
