// Fake: the ear, the channel, the prompts, the journal, the recorder and the clock of one call.
import { beginCall } from '../../../src/call/machine/call-machine.js'
import { runCall } from '../../../src/call/run/run-call.js'
import { AppError } from '../../../src/core/errors.js'
import type { CallEvent, EventType } from '../../../src/core/events.js'
import { newCallId } from '../../../src/core/ids.js'
import type { LinePolicy } from '../../../src/core/policy.js'
import { voiceLine } from '../data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from './fake-call.js'
import { FakeClock } from './fake-clock.js'
import { fakeEar } from './fake-ear.js'

/** A line by voice with one purpose. */
export const oneQuestion = { ...voiceLine, purposes: voiceLine.purposes.slice(0, 1) }

/** A call on a line by voice whose question plays. @param hears whether the service has an ear */
export async function callInQuestion(hears = true, line: LinePolicy = oneQuestion) {
  const clock = new FakeClock()
  const channel = fakeChannel('caller')
  const ear = fakeEar()
  const { deps, events, taps } = fakeCallDeps(clock)
  const call = runCall(newCallId(), channel, beginCall(line), hears ? { ...deps, ear } : deps)
  const heard = async () => {
    call.handleFact({ fact: 'heard' })
    await flushPromises()
  }
  await flushPromises()
  await heard()
  const dataOf = <T extends EventType>(type: T) =>
    events.flatMap(one => (one.type === type ? [one as Extract<CallEvent, { type: T }>] : []))
  const failCommits = () => {
    deps.journal.append = () => Promise.reject(new AppError('journal.unwritten', 'the database is away'))
  }
  const kept = () => taps.filter(order => order.startsWith('keep '))
  return { call, channel, clock, ear, heard, dataOf, kept, failCommits }
}
export type CallInQuestion = Awaited<ReturnType<typeof callInQuestion>>
