import type { Dice } from '../dice.js'
import { LINES } from './lines.js'

/** What a caller of a batch will do. */
export interface CallerPlan {
  kind: string
  /** Unique in its batch, from 1. The caller's numbered speech contains it. */
  index: number
  line: string
  /** After the batch's beginning, ms. */
  startMs: number
  /** From the answer to the caller's own hang-up, ms. */
  lifeMs: number
  /** Keys pressed in turn, each during a prompt. The last one is repeated. */
  keys: string[]
  /** From the prompt's beginning to the key, ms. */
  reactMs: number
  /** From the agent's first word to the withdrawal, ms. */
  withdrawMs?: number
}

type Kind = Pick<CallerPlan, 'kind' | 'line' | 'keys'> & { weight: number; odd?: true; withdraws?: true }

const callerKinds: readonly Kind[] = [
  { kind: 'yes', line: LINES.one, keys: ['1'], weight: 8 },
  { kind: 'no', line: LINES.one, keys: ['2'], weight: 2 },
  { kind: 'silence', line: LINES.one, keys: [], weight: 1 },
  { kind: 'yes to both', line: LINES.two, keys: ['1'], weight: 3 },
  { kind: 'yes and no', line: LINES.two, keys: ['1', '2'], weight: 2 },
  { kind: 'notice', line: LINES.notice, keys: [], weight: 2 },
  { kind: 'withdraws', line: LINES.one, keys: ['1'], weight: 2, withdraws: true },
  { kind: 'hangs up', line: LINES.one, keys: ['1'], weight: 2, odd: true },
]

/** Duration of calls that end at an odd moment, ms: in a prompt, in the wait, in the confirmation, in the first block. */
const ODD_END_MS: [number, number] = [200, 12_000]

export interface CallerGroup {
  count: number
  /** When they call after the batch's beginning, ms. */
  come: [number, number]
  /** Duration of all other calls, ms. */
  lives: [number, number]
}

/** @param first index of the first caller in the batch */
export function drawCallers(dice: Dice, { count, come, lives }: CallerGroup, first = 1): CallerPlan[] {
  return Array.from({ length: count }, (_, i) => {
    const { kind, line, keys, odd, withdraws } = dice.weighed(callerKinds)
    const lifeMs = dice.within(...(odd ? ODD_END_MS : lives))
    return {
      kind,
      line,
      keys,
      index: first + i,
      startMs: dice.within(...come),
      lifeMs,
      reactMs: dice.within(200, 2_500),
      ...(withdraws ? { withdrawMs: dice.within(500, 9_000) } : {}),
    }
  })
}
