import { beginCall, transition } from '../../../src/call/machine/call-machine.js'
import type { CallState, Fact, FactName, Order } from '../../../src/call/machine/call-states.js'
import { termsOf } from '../../../src/call/machine/withdrawal.js'
import { announcementOf } from '../../../src/call/run/announcement.js'
import type { LinePolicy } from '../../../src/core/policy.js'
import type { SpokenAnswer, SpokenClass } from '../../../src/core/speech.js'
import { keyLine, twoPurposes } from './policies.js'

/** A book that has every prompt in this version. */
export const promptsOf = (version: number): NonNullable<CallState['prompts']> => ({
  find: (_, name) => ({ name, version, media: name, lengthMs: 1_000, sha256: '', text: name }),
})

/** Runs the call machine from a state. @returns the state after the facts, and all orders */
export const runFrom = (state: CallState, ...facts: Fact[]) =>
  facts.reduce(
    (so, fact) => {
      const { state, orders } = transition(so.state, fact)
      return { state, orders: [...so.orders, ...orders] }
    },
    { state, orders: [] as Order[] },
  )

/** Runs the call machine for a new call. @returns the state after the facts, and all orders */
export const run = (policy = keyLine, ...facts: Fact[]) => {
  const first = beginCall(policy)
  const { state, orders } = runFrom(first.state, ...facts)
  return { state, orders: [...first.orders, ...orders] }
}

export const names = (orders: Order[]) => orders.map(order => order.order)
export const key = (digit: string, at = 0): Fact => ({ fact: 'key', digit, at })
export const heard: Fact = { fact: 'heard' }
export const silence: Fact = { fact: 'silence' }
export const committed: Fact = { fact: 'committed' }
/** The answer to a question in the conversation is committed, or its commit failed. */
export const asideCommitted: Fact = { fact: 'committed', aside: true }
export const asideLost = (policy: LinePolicy): Fact => ({
  ...{ fact: 'commit-failed', aside: true, purposes: policy.purposes },
})
export const prepared: Fact = { fact: 'prepared' }

/** A recovered call's caller, who has heard the disclosure, waits on this line. */
export const recoveredOn = (policy: LinePolicy): Fact & { fact: 'recovered' } => ({
  ...{ fact: 'recovered', policy, answered: true, disclosed: true, late: false },
})

/** What an engine heard on the line by voice. */
export const spokenAnswer = (heard: SpokenClass, more: Partial<SpokenAnswer> = {}): SpokenAnswer => ({
  ...{ heard, engine: 'vosk', model: 'ab12', scores: { yes: heard === 'yes' ? 0.9 : 0.1 } },
  terms: { language: 'en', engine: 'vosk', threshold: 0.7 },
  ...{ beganMs: 600.4, endedMs: 1_100.6, decidedMs: 1_650 },
  ...more,
})

/** The caller has spoken, after the prompt. */
export const says = (heard: SpokenClass, more: Partial<SpokenAnswer> = {}): Fact & { fact: 'spoken' } => ({
  ...{ fact: 'spoken', spoken: spokenAnswer(heard, more), at: 0, duringPrompt: false },
})
export const hearingLost: Fact = { fact: 'hearing-lost', reason: 'speech.failed' }

/** The person is to be asked in the conversation, for their own call. @param wanted purposes of the line */
export const askNow = (policy: LinePolicy, ...wanted: string[]): Fact & { fact: 'ask-now' } => ({
  ...{ fact: 'ask-now', by: 'api', policy, untapped: wanted, recorded: null },
  purposes: policy.purposes.filter(({ purpose }) => wanted.includes(purpose)),
})
export const whispered: Fact = { fact: 'whispered' }

/** One fact of each kind. */
export const facts: Record<FactName, Fact> = {
  heard,
  key: key('1'),
  silence,
  speaking: { fact: 'speaking' },
  spoken: says('yes'),
  'hearing-lost': hearingLost,
  committed,
  'commit-failed': { fact: 'commit-failed', purposes: twoPurposes.purposes },
  prepared,
  'prepare-failed': { fact: 'prepare-failed', lost: ['service', 'marketing'] },
  returned: { fact: 'returned' },
  fault: { fact: 'fault', reason: 'prompt-cut' },
  left: { fact: 'left' },
  'hanging-up': { fact: 'hanging-up', cause: 16 },
  'hung-up': { fact: 'hung-up', cause: 16 },
  recovered: recoveredOn(keyLine),
  're-entered': { fact: 're-entered', policy: keyLine },
  'ask-now': askNow(twoPurposes, 'marketing'),
  whispered,
  'not-whispered': { fact: 'not-whispered', reason: 'prompt-cut' },
  alone: { fact: 'alone' },
  paused: { fact: 'paused' },
}

/** The state of a recovered call. @param yes purposes that were granted; all others are open */
export const recoveredState = (policy = keyLine, ...yes: string[]): CallState => ({
  ...beginCall(policy).state,
  step: 'interrupted',
  open: policy.purposes.filter(({ purpose }) => !yes.includes(purpose)),
  answers: policy.purposes
    .filter(({ purpose }) => yes.includes(purpose))
    .map(one => ({
      ...{
        purpose: one.purpose,
        answer: 'granted',
        announced: announcementOf(policy, one, undefined),
        terms: termsOf(policy),
      },
    })),
  unprepared: yes,
})
