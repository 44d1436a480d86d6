import { type CallState, type Fact, type Order, recordable, type Settled, type Step } from './call-states.js'
import { noKeys, typeKey } from './typed-keys.js'

type Key = Extract<Fact, { fact: 'key' }>

/** An answer is on its way to the journal: what was typed meanwhile waits until it holds or not. */
const UNDECIDED: readonly Step[] = ['committing', 'failing', 'ended']
/** The channel is ours and the disclosure was heard: the confirmation is a prompt like others. */
const SPOKEN_TO: readonly Step[] = ['asking', 'waiting', 'confirming']

/** Remembers the keys of a withdrawal, as long as there is something to withdraw. */
export function noteKey(s: CallState, { digit, at }: Key): CallState {
  if (![...s.settled, ...s.pending].some(recordable)) return { ...s, typed: noKeys }
  return { ...s, typed: typeKey(s.typed, s.policy.keys.withdraw, digit, at) }
}

/** Whether the caller has typed all keys of a withdrawal, and it can be acted on. */
export const wantsOut = (s: CallState): boolean =>
  s.typed.digits === s.policy.keys.withdraw && !UNDECIDED.includes(s.step) && s.settled.some(recordable)

/**
 * The yes is taken back, for every purpose: recording ends, and the caller is told. In a question the flow of prompts is
 * interrupted for it; elsewhere it is whispered, over whatever else is heard.
 */
export function withdraw(s: CallState): { state: CallState; orders: Order[] } {
  const purposes = s.settled.filter(recordable).map(({ purpose }) => purpose)
  const settled = s.settled.map((one): Settled => (recordable(one) ? { ...one, withdrawn: true } : one))
  const unprepared = s.unprepared.filter(purpose => !purposes.includes(purpose))
  const after: CallState = { ...s, settled, unprepared, typed: noKeys }
  const taken: Order = { order: 'withdraw', purposes, keep: s.policy.onWithdraw === 'keep' }
  const words = { prompt: 'withdrawn' } as const
  if (!SPOKEN_TO.includes(s.step)) return { state: after, orders: [taken, { order: 'whisper', ...words }] }
  return {
    state: { ...after, step: 'confirming' },
    orders: [
      { order: 'stop-prompt' },
      { order: 'stop-waiting' },
      taken,
      { order: 'confirm', role: 'withdrawn', ...words },
    ],
  }
}
