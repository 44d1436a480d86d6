// Real: the outcome for the dialplan, which is pure. Fake: none.
import t from 'tap'
import { dialplanPlaceOf, globalVariablesOf } from '../../../src/asterisk/outcome.js'
import type { Outcome } from '../../../src/call/ports.js'
import { ANSWERS } from '../../../src/core/events.js'
import { newCallId } from '../../../src/core/ids.js'
import { matchEach } from '../../support/assertions/match-each.js'

const call = newCallId()
const answers = [
  { purpose: 'service', answer: 'granted' },
  { purpose: 'quality-control', answer: 'refused' },
] as const
const outcome = (changes: Partial<Outcome>): Outcome => ({
  call,
  decision: 'granted',
  tap: null,
  recordedBy: null,
  answers,
  target: null,
  hearsAgentKeys: false,
  ...changes,
})
const tap = `/run/tap/${'a'.repeat(24)}`
const parts = (changes: Partial<Outcome>) => dialplanPlaceOf(outcome(changes)).extension.split('_')

t.test(
  'an extension has decision, call, tap and the key of the rest, and is short enough for Asterisk',
  async t => {
    for (const decision of ANSWERS.filter(one => one !== 'abandoned')) {
      for (const changes of [{ tap }, { recordedBy: tap }])
        t.ok(dialplanPlaceOf(outcome({ decision, ...changes })).extension.length <= 79, decision)
    }
    matchEach(t, parts({ tap }), ['granted', call, 'a'.repeat(24), /^[0-9a-z]{8}$/])
    matchEach(t, parts({ recordedBy: tap }), ['granted', call, '', /^[0-9a-z]{8}$/, 'a'.repeat(24)])
    t.strictSame(parts({ answers: [] }), ['granted', call])
  },
)

t.test('equal outcomes share one global variable, and different outcomes have different ones', async t => {
  const names = new Set<string>()
  const given = globalVariablesOf(outcome({ tap, target: 'elsewhere,desk,1' }), 'app', names)
  const [, , , key] = parts({ tap, target: 'elsewhere,desk,1' })
  t.strictSame(Object.fromEntries(given), {
    CONSENTRY_TAP_DIR_app: '/run/tap',
    [`CONSENTRY_OUTCOME_${key}`]:
      'elsewhere,desk,1/service:granted&quality_control:refused/service&quality_control',
    CONSENTRY_PURPOSES_app: 'service&quality_control',
  })
  t.match(parts({})[3], /^[0-9a-z]{8}$/)
  t.equal(parts({ call: newCallId() })[3], parts({})[3])
  t.not(parts({})[3], key)
  t.strictSame(globalVariablesOf(outcome({ answers: [] }), 'app', new Set()), [])
})

t.test('the dialplan is told that the keys of an agent count, and otherwise nothing of them', async t => {
  const told = (changes: Partial<Outcome>) =>
    globalVariablesOf(outcome(changes), 'app', new Set()).find(([name]) =>
      name.startsWith('CONSENTRY_OUTCOME_'),
    )?.[1]
  t.equal(told({ answers: [], hearsAgentKeys: true }), '///keys')
  t.equal(told({ hearsAgentKeys: true })?.split('/').at(3), 'keys')
  t.equal(told({})?.split('/').length, 3)
})
