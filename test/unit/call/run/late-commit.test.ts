// Real: one call. Fake: the channel, the journal, which commits an answer when the test says so, the recorder and the clock.
import t from 'tap'
import { beginCall } from '../../../../src/call/machine/call-machine.js'
import type { Fact } from '../../../../src/call/machine/call-states.js'
import { runCall } from '../../../../src/call/run/run-call.js'
import { AppError } from '../../../../src/core/errors.js'
import { newCallId } from '../../../../src/core/ids.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { keyLine } from '../../../support/data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

const ways: Record<string, Fact> = {
  'hangs up': { fact: 'hung-up', cause: 16 },
  'is taken away': { fact: 'left' },
}

/** A caller presses a key and then leaves while the answer is being committed. @returns the decisions and answers in the journal */
async function leavesDuringCommit(key: string, leaves: Fact, fails: boolean) {
  const { deps, events } = fakeCallDeps(new FakeClock())
  let settle = () => {}
  deps.journal.append = given =>
    new Promise((resolve, reject) => {
      settle = () => {
        if (fails) return reject(new AppError('journal.unwritten', 'too late'))
        events.push(...given)
        resolve()
      }
    })
  const call = runCall(newCallId(), fakeChannel('1.1'), beginCall(keyLine), deps)
  for (const fact of [{ fact: 'heard' }, { fact: 'key', digit: key, at: 0 }, leaves] as Fact[]) {
    await flushPromises()
    call.handleFact(fact)
  }
  await flushPromises()
  settle()
  await flushPromises()
  return events.filter(({ type }) => type === 'call.decided' || type === 'consent.answered')
}

for (const [how, leaves] of Object.entries(ways)) {
  t.test(
    `a decision that counted an answer is corrected if its caller ${how} and its commit fails`,
    async t => {
      for (const [key, decision] of [
        ['1', 'granted'],
        ['2', 'refused'],
      ] as const)
        matchEach(t, await leavesDuringCommit(key, leaves, true), [
          { type: 'call.decided', data: { decision } },
          { type: 'consent.answered', data: { answer: 'failed', reason: 'journal' } },
          { type: 'call.decided', data: { decision: 'failed', reason: 'journal' } },
        ])
    },
  )

  t.test(`a decision stands if its caller ${how} and the answer is committed`, async t => {
    matchEach(t, await leavesDuringCommit('1', leaves, false), [
      { type: 'call.decided', data: { decision: 'granted' } },
      { type: 'consent.answered', data: { answer: 'granted' } },
    ])
  })
}
