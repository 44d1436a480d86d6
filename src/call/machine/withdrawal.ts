import type { LinePolicy, Purpose, WithdrawalTerms } from '../../core/policy.js'
import { isOwn, isYes } from './answers.js'
import type { CallState, Fact, Order, PurposeAnswer, Step } from './call-states.js'
import { isTyped, noKeys, typeKey } from './key-sequence.js'

type Key = Extract<Fact, { fact: 'key' }>

/** Steps at which a withdrawal does not take effect. While an answer is being committed, it waits for the result. */
const STEPS_WITHOUT_WITHDRAWAL: readonly Step[] = ['committing', 'failing', 'ended']
/** Steps at which the confirmation of a withdrawal is a normal prompt. At other steps it is whispered. */
const PROMPT_STEPS: readonly Step[] = ['asking', 'waiting', 'confirming']

/** The way to withdraw an answer on this line, as the disclosure announces it. */
export const termsOf = ({ keys, onWithdraw, language }: LinePolicy): WithdrawalTerms => ({
  keys: keys.withdraw,
  onWithdraw,
  language,
})

/** All answers, committed or being committed, including those of an inquiry. */
const allAnswers = ({
  answers,
  pending,
  inquiry,
}: Pick<CallState, 'answers' | 'pending' | 'inquiry'>): PurposeAnswer[] => [
  ...answers,
  ...pending,
  ...(inquiry?.pending ?? []),
]

/** Whether a withdrawal does not take effect now. */
const isBusy = ({ step, inquiry }: CallState): boolean =>
  STEPS_WITHOUT_WITHDRAWAL.includes(step) || inquiry?.step === 'committing'

/**
 * The key sequences that a disclosure has announced to the caller: on each line where the caller answered, and on the
 * line that asks now.
 */
function withdrawalKeys({ policy, open, ...s }: CallState): string[] {
  const disclosedKeys = allAnswers(s).map(({ terms }) => terms.keys)
  return open.length > 0 ? [...disclosedKeys, policy.keys.withdraw] : disclosedKeys
}

/** Steps at which the caller of a notice-only line has yet to hear the whole notice, and can object to it. */
const NOTICE_STEPS: readonly Step[] = ['interrupted', 'apologising', 'choosing', 'disclosing']

const canObject = ({ policy, open, step }: CallState): boolean =>
  policy.mode === 'notice' && open.length > 0 && NOTICE_STEPS.includes(step)

/**
 * Remembers the keys of a withdrawal while there is a yes to withdraw, or a notice to object to. The line defines the
 * keys (`*9` by default), and at most 3 s pass between two of them. The PBX reports a caller's keys during the whole
 * call, also after the channel has returned to the dialplan. Further keys do not erase a complete sequence that has to
 * wait.
 */
export function rememberKey(s: CallState, { digit, at }: Key): CallState {
  if (!canObject(s) && !allAnswers(s).some(isYes)) return { ...s, typed: noKeys }
  if (isBusy(s) && isTyped(s.typed, withdrawalKeys(s))) return s
  return { ...s, typed: typeKey(s.typed, withdrawalKeys(s), digit, at) }
}

/**
 * Forgets the key that has just answered a question. The same key may withdraw the answer that the caller gave on another line
 * before a transfer.
 */
export const forgetAnswerKey = (s: CallState): CallState =>
  s.typed.digits.length === 1 && isTyped(s.typed, withdrawalKeys(s)) ? { ...s, typed: noKeys } : s

/**
 * Whether the caller of a notice-only line has typed the keys of a withdrawal before the notice took effect. That is a no, and
 * withdraws the yes of an earlier line as well.
 */
export const isObjectionTyped = (s: CallState): boolean => canObject(s) && isTyped(s.typed, withdrawalKeys(s))

/** Forgets typed keys if there is no yes to withdraw. */
export const forgetStrayKeys = (s: CallState): CallState =>
  allAnswers(s).some(isYes) ? s : { ...s, typed: noKeys }

/** Whether the caller has typed all keys of a withdrawal, and has a committed yes to withdraw. */
export const isWithdrawalPending = (s: CallState): boolean =>
  isTyped(s.typed, withdrawalKeys(s)) && s.answers.some(isYes)

/** Whether the caller has typed all keys of a withdrawal, and it can take effect now. */
export const isWithdrawalTyped = (s: CallState): boolean => isWithdrawalPending(s) && !isBusy(s)

/** The given purposes whose yes, for the person's own call, is withdrawn. */
export const withdrawnAmong = (
  { answers }: CallState,
  among: readonly Pick<PurposeAnswer, 'purpose'>[],
): Purpose[] =>
  answers.flatMap(one =>
    isOwn(one) && one.withdrawn && among.some(({ purpose }) => purpose === one.purpose) ? [one.purpose] : [],
  )

/** Withdraws as {@link withdraw} does, without a confirmation. @returns the orders to end and destroy the recordings */
export function withdrawAnswers(s: CallState): { state: CallState; orders: Order[] } {
  const all = s.answers.filter(isYes)
  const isSame = (one: PurposeAnswer, other: PurposeAnswer) => other.purpose === one.purpose
  const ofPerson = all.filter(
    // Of two yeses to one purpose, the person's own decides about the recording.
    one => isOwn(one) || !all.some(other => isOwn(other) && isSame(one, other)),
  )
  // Of two yeses on two lines, the one that promises destruction decides.
  const destroys = ({ terms }: PurposeAnswer) => terms.onWithdraw === 'destroy'
  const withdrawn = [...ofPerson]
    .sort((one, other) => Number(destroys(other)) - Number(destroys(one)))
    .filter((one, i, sorted) => sorted.findIndex(other => isSame(one, other)) === i)
  const purposes = withdrawn.map(({ purpose }) => purpose)
  const answers = s.answers.map((one): PurposeAnswer => (isYes(one) ? { ...one, withdrawn: true } : one))
  const unprepared = s.unprepared.filter(purpose => !purposes.includes(purpose))
  const orders = [...withdrawOrders(withdrawn, 'destroy'), ...withdrawOrders(withdrawn, 'keep')]
  return { state: { ...s, answers, unprepared, typed: noKeys }, orders }
}

/**
 * Withdraws the yes to every purpose, each on the terms that its disclosure named (`onWithdraw`). Recording ends. What was
 * recorded is destroyed: its key files at once and without the database, then the containers, with an act. While the database is
 * away, the next purge destroys the containers. `withdrawRecordings` in `audio/` does this. With `keep`, what was recorded
 * stays. A withdrawn yes counts as a no when the call comes back.
 *
 * The caller hears a confirmation. It replaces a prompt of `PROMPT_STEPS`; at other steps it is whispered. It promises the destruction
 * only if nothing is kept.
 */
export function withdraw(s: CallState): { state: CallState; orders: Order[] } {
  const { state: after, orders } = withdrawAnswers(s)
  const keeps = orders.some(order => order.order === 'withdraw' && order.keep)
  const prompt = keeps ? 'withdrawn-kept' : 'withdrawn'
  if (!PROMPT_STEPS.includes(s.step)) {
    const { language } = s.answers.find(isYes)?.terms ?? s.policy
    return { state: after, orders: [...orders, { order: 'whisper', prompt, language }] }
  }
  return {
    state: { ...after, step: 'confirming' },
    orders: [
      { order: 'stop-prompt' },
      { order: 'stop-waiting' },
      ...orders,
      { order: 'confirm', role: 'withdrawn', prompt },
    ],
  }
}

function withdrawOrders(withdrawn: readonly PurposeAnswer[], effect: WithdrawalTerms['onWithdraw']): Order[] {
  const affected = withdrawn.filter(({ terms }) => terms.onWithdraw === effect)
  return affected.length > 0
    ? [{ order: 'withdraw', purposes: affected.map(({ purpose }) => purpose), keep: effect === 'keep' }]
    : []
}
