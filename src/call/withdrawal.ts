import { isTyped, noKeys, typeKey } from '../consent/key-sequence.js'
import type { LinePolicy, WithdrawalTerms } from '../shared/policy.js'
import {
  type CallState,
  type Fact,
  type Order,
  type PurposeAnswer,
  recordable,
  type Step,
} from './call-states.js'

type Key = Extract<Fact, { fact: 'key' }>

/** An answer is on its way to the journal: what was typed meanwhile waits until it holds or not. */
const UNDECIDED: readonly Step[] = ['committing', 'failing', 'ended']
/** The channel is ours and the disclosure was heard: the confirmation is a prompt like others. */
const SPOKEN_TO: readonly Step[] = ['asking', 'waiting', 'confirming']

/** How a caller on this line is told to take an answer back. */
export const termsOf = ({ keys, onWithdraw, language }: LinePolicy): WithdrawalTerms => ({
  keys: keys.withdraw,
  onWithdraw,
  language,
})

/** The keys that the caller may have been told: those of each answer, and of the line that asks. Any of them counts. */
function wanted({ policy, open, answers: settled, pending }: CallState): string[] {
  const told = [...settled, ...pending].map(({ terms = termsOf(policy) }) => terms.keys)
  return open.length > 0 ? [...told, policy.keys.withdraw] : told
}

/** Remembers the keys of a withdrawal, as long as there is something to withdraw. */
export function noteKey(s: CallState, { digit, at }: Key): CallState {
  if (![...s.answers, ...s.pending].some(recordable)) return { ...s, typed: noKeys }
  return { ...s, typed: typeKey(s.typed, wanted(s), digit, at) }
}

/** Forgets a single key that has just answered a question: on another line the same key may withdraw an answer. */
export const unlessAnswer = (s: CallState): CallState =>
  s.typed.digits.length === 1 && isTyped(s.typed, wanted(s)) ? { ...s, typed: noKeys } : s

/** Whether the caller has typed all keys of a withdrawal, and it can be acted on. */
export const wantsOut = (s: CallState): boolean =>
  isTyped(s.typed, wanted(s)) && !UNDECIDED.includes(s.step) && s.answers.some(recordable)

/**
 * The yes is taken back, for every purpose, each on its own terms: recording ends, and the caller is told. In a question
 * the flow of prompts is interrupted for it; elsewhere it is whispered, over whatever else is heard.
 */
export function withdraw(s: CallState): { state: CallState; orders: Order[] } {
  const taken = s.answers.filter(recordable)
  const purposes = taken.map(({ purpose }) => purpose)
  const settled = s.answers.map((one): PurposeAnswer => (recordable(one) ? { ...one, withdrawn: true } : one))
  const unprepared = s.unprepared.filter(purpose => !purposes.includes(purpose))
  const after: CallState = { ...s, answers: settled, unprepared, typed: noKeys }
  const orders = [false, true].flatMap(keep => withdrawal(s, taken, keep))
  if (!SPOKEN_TO.includes(s.step)) {
    const { language } = taken[0]?.terms ?? s.policy
    return { state: after, orders: [...orders, { order: 'whisper', prompt: 'withdrawn', language }] }
  }
  return {
    state: { ...after, step: 'confirming' },
    orders: [
      { order: 'stop-prompt' },
      { order: 'stop-waiting' },
      ...orders,
      { order: 'confirm', role: 'withdrawn', prompt: 'withdrawn' },
    ],
  }
}

function withdrawal({ policy }: CallState, taken: readonly PurposeAnswer[], keep: boolean): Order[] {
  const own = taken.filter(({ terms = policy }) => (terms.onWithdraw === 'keep') === keep)
  return own.length > 0 ? [{ order: 'withdraw', purposes: own.map(({ purpose }) => purpose), keep }] : []
}
