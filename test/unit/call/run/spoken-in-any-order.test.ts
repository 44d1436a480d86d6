// Real: the call machine, which is pure. Fake: none. Speech and other facts come in any order.
import fc from 'fast-check'
import t from 'tap'
import { beginCall, transition } from '../../../../src/call/machine/call-machine.js'
import { withOrders } from '../../../../src/call/machine/call-moves.js'
import type { CallState, Fact } from '../../../../src/call/machine/call-states.js'
import type { LinePolicy, VoicePolicy } from '../../../../src/core/policy.js'
import type { SpokenAnswer } from '../../../../src/core/speech.js'
import {
  committed,
  facts,
  heard,
  hearingLost,
  key,
  prepared,
  recoveredState,
  run,
  says,
  silence,
} from '../../../support/data/call-facts.js'
import { voiceLine } from '../../../support/data/policies.js'

const withVoice = (change: Partial<VoicePolicy>): LinePolicy => ({
  ...voiceLine,
  voice: { ...voiceLine.voice!, ...change },
})

/** Facts in any order. Those of speech and those that move a call on come more often. */
const anyFact: fc.Arbitrary<Fact> = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(heard, heard, heard, heard, silence, committed, prepared) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom('yes', 'no', 'weak', 'unclear'), fc.boolean())
      .map(([of, duringPrompt]) => ({ ...says(of), duringPrompt })),
  },
  { weight: 1, arbitrary: fc.constantFrom(hearingLost, ...Object.values(facts)) },
  { weight: 1, arbitrary: fc.constantFrom('1', '2', '3', '*', '9').map(digit => key(digit)) },
)
const anyLine = fc.constantFrom(
  voiceLine,
  { ...voiceLine, bargeIn: false },
  withVoice({ keyAfterYes: true }),
  withVoice({ weak: 'key' }),
)

t.test(
  'after any facts, a yes by voice is a yes that was heard after the disclosure, in the question, as the line says',
  async t => {
    let [byVoice, byKey] = [0, 0]
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(
          anyLine,
          fc.boolean(),
          fc.array(anyFact, { maxLength: 40 }),
          (policy, recovered, sequence) => {
            let { state, orders } = recovered ? withOrders(recoveredState(policy)) : beginCall(policy)
            /** Whether something hears the caller, by the orders alone. */
            let hearing = false
            /** Whether the caller has heard a disclosure, to its end or to the caller's own key. */
            let disclosed = false
            /** What was heard last that asked for a key. */
            let lastYes: SpokenAnswer | undefined
            for (const fact of sequence) {
              const before: CallState = state
              ;({ state, orders } = transition(state, fact))
              if (before.step === 'disclosing') disclosed ||= fact.fact === 'heard' || fact.fact === 'key'
              if (before.step === 'interrupted' && fact.fact === 'recovered') disclosed = fact.disclosed
              for (const order of orders) {
                if (order.order === 'note-speech' && order.why === 'needs-key') lastYes = order.spoken
                if (order.order === 'commit' && order.method === 'voice') {
                  byVoice += 1
                  if (!disclosed) return false
                  if (order.confirmedAfterMs !== undefined) {
                    if (fact.fact !== 'key' || fact.digit !== policy.keys.yes) return false
                    if (order.answer !== 'granted' || order.spoken !== lastYes) return false
                    if (!before.policy.voice?.keyAfterYes || before.asked.way !== 'after-yes') return false
                    continue
                  }
                  if (fact.fact !== 'spoken' || fact.spoken !== order.spoken || !before.asked.hearing)
                    return false
                  if (order.answer !== { yes: 'granted', no: 'refused' }[fact.spoken.heard as 'yes' | 'no'])
                    return false
                  if (order.answer === 'granted' && before.policy.voice?.keyAfterYes) return false
                  if (before.step !== 'waiting') return false
                  if (!before.policy.bargeIn && fact.duringPrompt) return false
                } else if (order.order === 'commit' && order.answer === 'granted') {
                  byKey += 1
                  if (fact.fact !== 'key' || fact.digit !== policy.keys.yes) return false
                }
                if (order.order === 'begin-hearing') {
                  if (hearing || state.step !== 'asking') return false
                  hearing = true
                }
                if (order.order === 'end-hearing') {
                  if (!hearing) return false
                  hearing = false
                }
                if (order.order === 'note-hearing-lost') hearing = false
              }
              if (hearing !== state.asked.hearing) return false
              if (hearing && state.step !== 'asking' && state.step !== 'waiting') return false
            }
            return true
          },
        ),
        { numRuns: 5_000 },
      ),
    )
    // About 180 and 110 of them are met.
    t.ok(byVoice > 100 && byKey > 50, `${byVoice} by voice, ${byKey} by key`)
  },
)

t.test('a caller who never answers clearly leaves the questions after at most eight of them', async t => {
  const babble = fc.constantFrom<Fact[]>(
    [says('weak')],
    [says('unclear')],
    [{ fact: 'speaking' }, says('unclear')],
    [silence],
    [hearingLost],
    [key('5')],
  )
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(anyLine, fc.array(babble, { minLength: 40, maxLength: 40 }), (policy, sequence) => {
        const one: LinePolicy = { ...policy, purposes: policy.purposes.slice(0, 1) }
        let { state } = run(one, heard)
        let waits = 0
        for (const deeds of sequence) {
          if (state.step === 'asking') state = transition(state, heard).state
          for (const deed of deeds) state = transition(state, deed).state
          for (waits = 0; state.step === 'waiting' && waits < 2; waits++)
            state = transition(state, silence).state
          if (state.step === 'waiting') return false
        }
        return state.step === 'committing' && state.pending[0]?.answer === 'silent' && state.attempt <= 8
      }),
      { numRuns: 2_000 },
    ),
  )
})
