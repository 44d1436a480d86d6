// Real: the outcome for the dialplan, which is pure. Fake: none.
import t from 'tap'
import type { Outcome } from '../../../src/call/ports.js'
import { ANSWERS } from '../../../src/shared/events.js'
import { newCallId } from '../../../src/shared/ids.js'
import { dialplanPlaceOf, globalVariablesOf } from '../../../src/telephony/outcome.js'

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
  ...changes,
})
const tap = `/run/tap/${'a'.repeat(24)}`
const parts = (changes: Partial<Outcome>) => dialplanPlaceOf(outcome(changes)).extension.split('_')

t.test('Asterisk keeps an extension whole: decision, call, tap and the key of the rest', async t => {
  for (const decision of ANSWERS.filter(one => one !== 'abandoned')) {
    for (const changes of [{ tap }, { recordedBy: tap }])
      t.ok(dialplanPlaceOf(outcome({ decision, ...changes })).extension.length <= 79, decision)
  }
  t.match(parts({ tap }), ['granted', call, 'a'.repeat(24), /^[0-9a-z]{8}$/])
  t.match(parts({ recordedBy: tap }), ['granted', call, '', /^[0-9a-z]{8}$/, 'a'.repeat(24)])
  t.strictSame(parts({ answers: [] }), ['granted', call])
})

t.test('the tap of an earlier keeper, whose name is longer, comes before the answers', async t => {
  const long = `/run/tap/${'b'.repeat(32)}`
  t.strictSame(parts({ tap: long }), ['granted', call, 'b'.repeat(32)])
})

t.test('equal outcomes share one global variable, and different ones have their own', async t => {
  const names = new Set<string>()
  const given = globalVariablesOf(outcome({ tap, target: 'elsewhere,desk,1' }), 'app', names)
  const [, , , key] = parts({ tap, target: 'elsewhere,desk,1' })
  t.strictSame(Object.fromEntries(given), {
    CONSENTRY_TAP_DIR_app: '/run/tap',
    [`CONSENTRY_OUTCOME_${key}`]:
      'elsewhere,desk,1/service:granted&quality_control:refused/service&quality_control',
    CONSENTRY_PURPOSES_app: 'service&quality_control',
  })
  t.equal(parts({ call: newCallId() })[3], parts({})[3])
  t.not(parts({})[3], key)
  t.strictSame(globalVariablesOf(outcome({ answers: [] }), 'app', new Set()), [])
})
