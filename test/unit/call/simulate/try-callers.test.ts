// Real: the call machine. Fake: the prompts, which all take two seconds.
import t from 'tap'
import { type TryCaller, tryCallers } from '../../../../src/call/simulate/try-callers.js'
import type { LinePolicy } from '../../../../src/core/policy.js'
import { keyLine, noticeLine, twoPurposes, voiceLine } from '../../../support/data/policies.js'

const met = (policy: LinePolicy) =>
  Object.fromEntries(
    tryCallers(policy, () => 2_000).map(({ caller, decision, recorded, next, leftAt }) => [
      caller,
      [decision, recorded.join(), next, leftAt],
    ]),
  ) as Record<TryCaller, unknown[]>

t.test('on a line that asks, each caller meets what the line says', async t => {
  t.strictSame(met({ ...keyLine, retries: 0 }), {
    'yes-at-once': ['granted', 'service', 'continue', 2_500],
    'yes-after-question': ['granted', 'service', 'continue', 6_000],
    'no-at-once': ['refused', '', 'continue', 2_500],
    'no-after-question': ['refused', '', 'continue', 6_000],
    silent: ['silent', '', 'continue', 11_000],
    'wrong-key': ['silent', '', 'continue', 18_000],
    'hangs-up': ['abandoned', '', null, null],
    'prompt-fails': ['failed', '', 'continue', 500],
    withdraws: ['granted', '', 'continue', 2_500],
  })
})

t.test('two purposes are both answered, and keys are ignored during prompts if the line says so', async t => {
  const both = met(twoPurposes)
  t.strictSame(both['yes-at-once'], ['granted', 'service,marketing', 'continue', 5_000])
  const strict = met({ ...keyLine, bargeIn: false })
  t.strictSame(strict['yes-at-once'], ['silent', '', 'continue', 18_000])
  t.strictSame(strict['yes-after-question'], ['granted', 'service', 'continue', 6_000])
  // At half a second of the disclosure the yes is too early; at one and a half, the question comes; half a second later, the yes counts.
  const partly = met({ ...keyLine, minHeardMs: 1_400 })
  t.strictSame(partly['yes-at-once'], ['granted', 'service', 'continue', 4_000])
})

t.test('on a line by voice some speak, and meet what the line says', async t => {
  const one: LinePolicy = { ...voiceLine, purposes: voiceLine.purposes.slice(0, 1) }
  const spoken = met(one)
  t.strictSame(spoken['says-yes'], ['granted', 'service', 'continue', 7_500])
  t.strictSame(spoken['says-no'], ['refused', '', 'continue', 7_500])
  // Asked once more, and then by key, which is repeated once. Prompts take two seconds, and waits five.
  for (const caller of ['says-weak', 'says-unclear'] as const)
    t.strictSame(spoken[caller], ['silent', '', 'continue', 25_000], caller)
  t.notOk('says-yes-and-presses' in spoken)
  const strict = met({ ...one, voice: { ...one.voice!, keyAfterYes: true } })
  t.strictSame(strict['says-yes']?.slice(0, 2), ['silent', ''])
  t.strictSame(strict['says-yes-and-presses'], ['granted', 'service', 'continue', 9_500])
  t.notOk(Object.keys(met(keyLine)).some(caller => caller.startsWith('says-')))
})

t.test('a line that only gives notice records who says nothing, and not who objects', async t => {
  const notice = met({ ...noticeLine, onRefused: { do: 'hangup' } })
  t.strictSame(notice.silent, ['notice', 'service', 'continue', 2_000])
  t.strictSame(notice['no-at-once'], ['refused', '', 'hangup', 2_500])
  t.strictSame(met({ ...keyLine, mode: 'none' }).silent, ['failed', '', 'continue', 0])
})
