// Real: the order to report an agent's keys, repeated. Fake: the PBX, the log and the clock.
import t from 'tap'
import { hearKeys } from '../../../../src/call/parties/hear-keys.js'
import { AppError } from '../../../../src/core/errors.js'
import { newCallId } from '../../../../src/core/ids.js'
import { flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { agent } from '../../../support/fakes/recorded-caller.js'
import { createWarningLog } from '../../../support/fakes/warning-log.js'

/** An agent with a recorded caller, beside a PBX that fails in turn with these. `orders`: how often it was asked */
function setUp(...failures: AppError[]) {
  const clock = new FakeClock()
  const { log, warnings } = createWarningLog()
  const state = { orders: 0, isThere: true }
  const call = {
    id: newCallId(),
    async hearKeysOf() {
      state.orders += 1
      const failure = failures.shift()
      if (failure) throw failure
    },
  }
  const heard = hearKeys(call, agent.channel, () => state.isThere, log, clock)
  const pass = async (ms: number) => {
    clock.advance(ms)
    await flushPromises()
  }
  return { state, warnings, heard, pass }
}

const late = () => new AppError('pbx.timeout', 'no answer', { retryable: true })

t.test('an order that the PBX does not answer is repeated until it does', async t => {
  const { state, warnings, heard, pass } = setUp(late(), late())
  await pass(0)
  t.equal(state.orders, 1)
  await pass(1_000)
  t.equal(state.orders, 2)
  await pass(5_000)
  await heard
  await pass(60_000)
  t.strictSame([state.orders, warnings.length], [3, 1])
})

t.test('it is not repeated when the agent has left', async t => {
  const { state, heard, pass } = setUp(late())
  await pass(0)
  state.isThere = false
  await pass(1_000)
  await heard
  t.equal(state.orders, 1)
})

t.test('a refusal is said once, and not of a channel that is gone', async t => {
  const gone = setUp(new AppError('pbx.gone', 'no channel', { endsCall: true }))
  gone.state.isThere = false
  const refused = setUp(new AppError('pbx.refused', 'no'))
  for (const { heard } of [gone, refused]) await heard
  await refused.pass(60_000)
  t.strictSame([refused.state.orders, gone.warnings.length, refused.warnings.length], [1, 0, 1])
})
