// Real: one call. Fake: the channel, the journal, which commits an answer in the conversation when the test says so, the recorder and the clock.
// The channel of a caller who is asked in the conversation runs the Gosub again in the moment of the answer.
import t from 'tap'
import { beginCall, callInDialplan } from '../../../../src/call/machine/call-machine.js'
import type { Fact, Transition } from '../../../../src/call/machine/call-states.js'
import type { InquiryRequest } from '../../../../src/call/run/inquiry-request.js'
import { runCall } from '../../../../src/call/run/run-call.js'
import { AppError } from '../../../../src/core/errors.js'
import { newCallId } from '../../../../src/core/ids.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { key } from '../../../support/data/call-facts.js'
import { keyLine, twoPurposes } from '../../../support/data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

/** Somebody answers a question in the conversation by a key, and comes to a line before the answer is committed. */
async function comesBack(digits: string, policy = keyLine, { first, request }: Asked = {}) {
  const channel = fakeChannel('1.1')
  const { deps, events, taps } = fakeCallDeps(new FakeClock())
  const call = runCall(newCallId(), channel, first ?? beginCall(keyLine), deps)
  const tell = async (...facts: Fact[]) => {
    for (const fact of facts) {
      call.handleFact(fact)
      await flushPromises()
    }
  }
  await flushPromises()
  if (!first) await tell({ fact: 'heard' }, key('2'), { fact: 'heard' })
  t.equal(call.ask(request ?? { by: 'api' }), 'asked')
  const { append } = deps.journal
  /** Ends the commit of the answer in the conversation. */
  let settle = (_error?: AppError) => {}
  deps.journal.append = (given, ms) =>
    new Promise((resolve, reject) => {
      deps.journal.append = append
      settle = error => (error ? reject(error) : resolve(append(given, ms)))
    })
  await tell({ fact: 'whispered' }, ...[...digits].map(digit => key(digit)))
  events.splice(0)
  await tell({ fact: 're-entered', policy })
  const since = () =>
    events
      .splice(0)
      .filter(({ type }) => /consent.answered|consent.withdrawn|decided|failed/.test(type))
      .map(({ type, data }) => ({ type, ...data }))
  return {
    ...{ call, channel, tell, taps, since },
    async commit(error?: AppError) {
      settle(error)
      await flushPromises()
    },
  }
}

interface Asked {
  /** The call of somebody who joined a recorded one. */
  first?: Transition
  request?: InquiryRequest
}

const lost = new AppError('journal.unwritten', 'too late')
const granted = { type: 'consent.answered', purpose: 'service', answer: 'granted', inConversation: true }
const decided = { type: 'call.decided', decision: 'granted', reason: 'in-conversation' }
const unrecorded = { type: 'recording.failed', purpose: 'service', reason: 'left' }

t.test(
  'a yes that is committed after the re-entry counts, and the journal says why it records nothing',
  async t => {
    const { call, channel, since, commit, taps } = await comesBack('1')
    t.equal(call.step, 'talking', 'the line asks nothing more')
    matchEach(t, since(), [unrecorded])
    await commit()
    matchEach(t, since(), [granted, decided])
    t.strictSame([...call.standing.agreed.keys()], ['service'])
    t.strictSame(taps, [])
    t.strictSame(channel.orders.at(-1), 'return-to-dialplan refused null', 'which left before')
  },
)

t.test('the same yes counts for nothing if its commit fails', async t => {
  const { call, since, commit } = await comesBack('1')
  since()
  await commit(lost)
  matchEach(t, since(), [{ ...granted, answer: 'failed', reason: 'journal' }])
  t.equal(call.standing.agreed.size, 0)
  t.equal(call.ask({ by: 'api' }), 'asked', 'and the person may be asked again')
})

t.test('a no changes nothing', async t => {
  const { since, commit } = await comesBack('2')
  await commit()
  matchEach(t, since(), [{ ...granted, answer: 'refused' }])
})

t.test('the question of the line goes on, however the commit ends', async t => {
  for (const error of [undefined, lost])
    for (const early of [true, false]) {
      const { call, since, tell, commit, taps } = await comesBack('1', twoPurposes)
      t.equal(call.step, 'disclosing', 'it asks for what it was not asked for')
      since()
      if (early) await commit(error)
      await tell({ fact: 'heard' }, { fact: 'heard' })
      t.equal(call.step, 'waiting')
      if (!early) await commit(error)
      t.equal(call.step, 'waiting')
      await tell(key('1'))
      const answer = { type: 'consent.answered', purpose: 'marketing', answer: 'granted' }
      matchEach(t, since(), error ? [{ ...granted, answer: 'failed' }, answer] : [granted, decided, answer])
      await tell({ fact: 'heard' })
      t.match(taps[0], /^prepare 100 marketing /)
      matchEach(t, since(), [{ type: 'call.decided', decision: 'granted' }])
    }
})

t.test(
  'the answer to the line is told from that in the conversation while both are being committed',
  async t => {
    const { call, since, tell, commit } = await comesBack('1', twoPurposes)
    await tell({ fact: 'heard' }, key('2'))
    t.equal(call.step, 'confirming', 'the answer to the line')
    since()
    await commit()
    t.equal(call.step, 'confirming')
    matchEach(t, since(), [granted, decided])
    await tell({ fact: 'heard' })
    matchEach(t, since(), [], 'the decision has both answers')
  },
)

t.test('the keys of a withdrawal that were pressed in that moment take the yes back', async t => {
  const { call, since, commit } = await comesBack('1*9')
  since()
  await commit()
  matchEach(t, since(), [granted, decided, { type: 'consent.withdrawn' }])
  t.equal(call.standing.agreed.size, 0)
})

t.test('after a re-entry and a hang-up the yes counts as well', async t => {
  const { since, tell, commit } = await comesBack('1', twoPurposes)
  await tell({ fact: 'hung-up', cause: 16 })
  since()
  await commit()
  matchEach(t, since(), [granted, decided])
})

t.test('a yes for another recording leaves the question of the line as it is', async t => {
  const recorded = newCallId()
  const asked: Asked = {
    first: callInDialplan(keyLine, recorded),
    request: { by: 'line', recorded: { call: recorded, line: keyLine, purposes: ['service'] } },
  }
  for (const error of [undefined, lost]) {
    const { call, since, tell, commit, taps } = await comesBack('1', keyLine, asked)
    t.equal(call.step, 'disclosing')
    t.equal(call.outsider.askedFor, null, 'whoever leaves the recorded call is not asked there any more')
    await commit(error)
    t.equal(call.step, 'disclosing')
    matchEach(
      t,
      since(),
      error
        ? [
            { ...granted, answer: 'failed' },
            { type: 'call.decided', decision: 'failed' },
          ]
        : [granted, decided],
    )
    t.equal(call.standing.elsewhere.size, error ? 0 : 1)
    await tell({ fact: 'heard' }, key('2'), { fact: 'heard' })
    matchEach(t, since(), [
      { type: 'consent.answered', answer: 'refused' },
      { type: 'call.decided', decision: 'refused' },
    ])
    t.strictSame([taps, call.standing.elsewhere.size], [[], 0])
  }
})
