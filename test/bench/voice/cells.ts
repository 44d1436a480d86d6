import { randomFrom } from '../../../lab/audio/noises.js'
import type { HeardLanguage } from '../../../src/core/policy.js'
import { figure, type Result } from '../support/benchmark.js'
import type { Condition } from './conditions.js'
import type { Spoken } from './spoken.js'
import { upperBound } from './upper-bound.js'

/** The largest share of a missed yes, %, clean and with noise at 10 dB: of people in English, and of voices in Russian, which no person speaks here. */
const REACH: Record<string, { clean: number; noise: number | null } | undefined> = {
  'en, people': { clean: 12, noise: 20 },
  'ru, voices': { clean: 10, noise: null },
}
/** Of a cell, so many utterances are heard in one round: a third of them is a yes while there are any. */
const [YES_IN_ROUND, OTHERS_IN_ROUND] = [8, 16]

/** What was made of an utterance: `yes`, or what it was instead, with the reason. */
export type Verdict = string

/** One row of the table: some speakers in one condition, with what was heard so far. */
export interface Cell {
  language: HeardLanguage
  who: string
  condition: Condition
  left: { yes: Spoken[]; others: Spoken[] }
  heard: { kind: string; verdict: Verdict }[]
}

/** @param seed for the order in which the utterances are heard, so that those heard first are a sample of all */
export function cellOf(
  { language, who }: Pick<Cell, 'language' | 'who'>,
  condition: Condition,
  spoken: readonly Spoken[],
  seed: number,
): Cell {
  const random = randomFrom(seed)
  const drawn = spoken
    .map(one => ({ one, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one)
  const [yes, others] = [true, false].map(is => drawn.filter(({ kind }) => (kind === 'yes') === is))
  return { language, who, condition, left: { yes: yes!, others: others! }, heard: [] }
}

/** Takes from a cell what is heard in the next round. */
export const nextOf = ({ left }: Cell): Spoken[] => [
  ...left.yes.splice(0, YES_IN_ROUND),
  ...left.others.splice(0, OTHERS_IN_ROUND),
]

export function resultsOf({ language, who, condition, heard }: Cell): Result[] {
  const begin = `${language}, ${who}, ${condition.name}`
  const most = REACH[`${language}, ${who}`]
  const reach = condition.name === 'clean' ? most?.clean : condition.db === 10 ? most?.noise : null
  const of = (is: (kind: string) => boolean) => heard.filter(({ kind }) => is(kind))
  const count = (list: Cell['heard']) => list.filter(({ verdict }) => verdict === 'yes').length
  const yes = of(kind => kind === 'yes')
  const no = of(kind => kind === 'no')
  const other = of(kind => kind !== 'yes' && kind !== 'no')
  return [
    ...(yes.length > 0
      ? [share(`${begin}: yes missed`, yes.length - count(yes), yes.length, reach ?? null)]
      : []),
    ...(no.length > 0 ? [share(`${begin}: yes heard in no`, count(no), no.length, 0)] : []),
    ...(other.length > 0 ? [share(`${begin}: yes heard in other`, count(other), other.length, 0)] : []),
  ]
}

/** What a missed yes was taken for, most frequent first. */
export function whyMissed({ heard }: Cell): string {
  const counts = new Map<Verdict, number>()
  for (const { kind, verdict } of heard)
    if (kind === 'yes' && verdict !== 'yes') counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
  const sorted = [...counts].sort((a, b) => b[1] - a[1])
  return sorted.map(([verdict, n]) => `${verdict} ${n}`).join(', ')
}

/** A share of utterances, % with the bound that it does not exceed at 95 %. */
export const share = (measure: string, some: number, all: number, reach: number | null): Result =>
  figure(
    { measure, value: (100 * some) / all, unit: `% (${some} of ${all}, at most ${upperBound(some, all)} %)` },
    reach,
  )
