import type { Unsettled } from '../../core/speech-events.js'
import { askAgain, commit, prependOrders, withOrders } from './call-moves.js'
import type { CallState, Fact, Order, Transition } from './call-states.js'
import { answerBySpeech, ask, nextWay } from './question.js'

/**
 * How long the wait is extended for a caller who is speaking at its end, ms: the longest answer (2.5 s), the silence
 * that ends it (0.8 s) and the decision.
 */
const SPEAKING_WAIT_MS = 4_000

const stopWaiting: Order = { order: 'stop-waiting' }

type FactOf<F extends Fact['fact']> = Extract<Fact, { fact: F }>

const withSpeaking = (s: CallState, speaking: boolean): CallState => ({
  ...s,
  asked: { ...s.asked, speaking },
})

/** The caller has begun to speak. The wait continues unchanged; `waitEnded` does not interrupt the caller. */
export const speechBegan = (s: CallState): Transition =>
  withOrders(s.asked.hearing ? withSpeaking(s, true) : s)

/**
 * The time to answer has passed. If the caller is speaking, the wait is extended, once for each question, so that noise
 * cannot hold it open. Otherwise the caller is asked again.
 */
export function waitEnded(s: CallState): Transition {
  const { speaking, extended } = s.asked
  if (!speaking || extended) return askAgain(s)
  return withOrders({ ...s, asked: { ...s.asked, extended: true } }, { order: 'wait', ms: SPEAKING_WAIT_MS })
}

/**
 * Handles speech in the wait after a question. A clear yes or no settles the question. A weak yes and unclear speech
 * bring the next question: for a clear answer, then for a key. Speech that began while the question played counts as
 * unclear. On a line whose prompts play in full it does not count at all, and the wait continues.
 *
 * An ear reports no speech while a question plays, and the machine accepts none then.
 */
export function answerSpoken(state: CallState, { spoken, at, duringPrompt }: FactOf<'spoken'>): Transition {
  if (!state.asked.hearing) return withOrders(state)
  const s = withSpeaking(state, false)
  const { policy } = s
  const note = (why: Unsettled): Order => ({
    ...{ order: 'note-speech', purpose: s.open[0]!.purpose, spoken, why },
  })
  if (!policy.bargeIn && duringPrompt) return withOrders(s, note('too-early'))
  const heard = answerBySpeech(policy, spoken, at)
  if (heard?.answer === 'granted' && policy.voice?.keyAfterYes) {
    const unconfirmed = { ...s, asked: { ...s.asked, saidYes: heard } }
    return prependOrders([note('needs-key'), stopWaiting], ask(unconfirmed, 'after-yes'))
  }
  if (heard) {
    const { answer, how } = heard
    return prependOrders([stopWaiting], commit(s, s.open.slice(0, 1), answer, how, { spoken: heard.spoken }))
  }
  const why = spoken.heard === 'weak' ? 'weak' : 'unclear'
  return prependOrders([note(why), stopWaiting], askOtherwise(s, why))
}

function askOtherwise(s: CallState, why: 'weak' | 'unclear'): Transition {
  const { asked, policy } = s
  if (asked.way === 'confirm') return ask(s, 'key')
  if (why === 'unclear') return ask(s, nextWay(asked))
  return ask(s, policy.voice?.weak === 'confirm' ? 'confirm' : 'key')
}

/**
 * The caller is no longer heard, and is asked for a key. A question that plays is finished first, because it names the
 * purpose.
 */
export function hearingLost(s: CallState, { fact: _, ...why }: FactOf<'hearing-lost'>): Transition {
  if (!s.asked.hearing) return withOrders(s)
  const lost: CallState = { ...s, asked: { ...s.asked, hearing: false } }
  const note: Order = { order: 'note-hearing-lost', purpose: s.open[0]!.purpose, ...why }
  if (s.step === 'asking') return withOrders(lost, note)
  return prependOrders([note, stopWaiting], ask(lost, 'key'))
}
