// Real: outsiders, recovered calls and trials. Fake: the PBX, the journal, the recorder, the prompts, the gate and the clock.
// Work that rejects unhandled fails the test that runs.
import t from 'tap'
import { Outsiders, type OutsidersDeps } from '../../../../src/call/parties/outsiders.js'
import type { CallDeps, RunningCall } from '../../../../src/call/run/running-call.js'
import { Trials } from '../../../../src/call/run/trials.js'
import { type ChannelId, newCallId, newDraftId } from '../../../../src/core/ids.js'
import { trialChannelId } from '../../../../src/core/trial.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { keyLine } from '../../../support/data/policies.js'
import { createErrorLog } from '../../../support/fakes/error-log.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { openGate } from '../../../support/fakes/gate.js'
import { inApp, recover, yes } from '../../../support/fakes/recovered-call.js'

const mistake = () => {
  throw new TypeError('+7 900 123-45-67')
}

t.test('a person who joined a call and cannot be followed is not asked, and that is logged', async t => {
  const { log, errors } = createErrorLog()
  const outsiders = new Outsiders({
    ...{ log, callOn: () => undefined, canBeAsked: () => true, isShedding: () => false },
    follow: async () => mistake(),
  } as unknown as OutsidersDeps)
  const call = {
    ...{ id: newCallId(), channel: '1.1', line: keyLine },
    ...{ pauses: { isWanted: false }, standing: { recorded: ['service'] } },
  } as unknown as RunningCall
  outsiders.here(call, { channel: '3.3' as ChannelId })
  await flushPromises()
  matchEach(t, errors, [{ kind: 'TypeError', call: call.id }])
})

t.test('a mistake after a call was returned to the dialplan is logged', async t => {
  const { log, errors } = createErrorLog()
  const change = (deps: object) => void Object.assign(deps, { log, taps: { watch: mistake } })
  const { hear, last } = await recover({ answers: [yes] }, inApp, { change })
  await hear()
  await flushPromises()
  t.equal(last(), 'return-to-dialplan granted')
  matchEach(t, errors, [
    { kind: 'TypeError', text: 'what follows the return of a call to the dialplan failed' },
  ])
})

t.test('a caller whose recovered call meets a mistake does not wait in silence', async t => {
  const { log, errors } = createErrorLog()
  const change = (deps: CallDeps) => {
    Object.assign(deps, { log })
    deps.recorder.hasAudio = mistake
  }
  const { last } = await recover({ answers: [{ ...yes, recorded: true }] }, inApp, {
    ...{ readyTap: '/tap/old', change },
  })
  matchEach(t, errors, [
    { kind: 'TypeError', text: 'a recovered call is not resumed: it continues unrecorded' },
  ])
  t.match(last(), /^return-to-dialplan/)
})

t.test('a trial whose end cannot be journalled leaves the service running', async t => {
  const clock = new FakeClock(0)
  const { log, errors } = createErrorLog()
  const { deps } = fakeCallDeps(clock)
  const { prompts, journal } = deps
  const trials = new Trials({
    ...{ prompts, log, clock, gate: openGate },
    journal: { ...journal, note: mistake },
  })
  const channels = new Map<string, ReturnType<typeof fakeChannel>>()
  const channelOf = (id: string) => channels.get(id) ?? channels.set(id, fakeChannel(id)).get(id)!
  const request = {
    by: 'anna',
    way: 'console',
    endpoint: 'PJSIP/anna',
    draft: newDraftId(),
    revision: 2,
  } as const
  const pbx = { ring: async () => {}, channel: channelOf, recorder: mistake }
  const trial = await trials.ring({ ...request, policy: keyLine }, pbx)
  const channel = channelOf(trialChannelId(trial))
  trials.arrived({ number: 'trial', caller: '', at: 0, channel })
  await flushPromises()
  trials.handleChannelFact(channel.id, { fact: 'hung-up', cause: 16, at: 1 })
  await flushPromises()
  matchEach(t, errors, [{ kind: 'TypeError', trial, text: 'the end of a trial is not noted' }])
})
