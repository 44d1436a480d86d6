// Real: the sessions of a call, what they leave out, and the pause switch. Fake: the taps, the recordings and the clock.
import t from 'tap'
import { createPauseSwitch } from '../../../src/call/pause-switch.js'
import { TapSessions } from '../../../src/recording/tap-sessions.js'
import { type CallId, newCallId } from '../../../src/shared/ids.js'
import type { OmittedBy } from '../../../src/shared/party-events.js'
import { keyLine } from '../../support/data/policies.js'
import { startSession } from '../../support/fakes/fake-tap-session.js'

/** A call whose recording ends in a pause of the agent, and is followed by one for another purpose. */
async function setUp(end: (first: ReturnType<typeof startSession>) => void) {
  const call = newCallId()
  const [first, second] = [startSession(false, undefined, call), startSession(false, undefined, call)]
  const sessions = new TapSessions()
  sessions.add(first.session)
  await first.session.pauses.pause(first.clock.now(), 'agent')
  const before = sessions.pausedBy(call)
  end(first)
  sessions.add(second.session)
  return { call, sessions, second, before }
}

/** The caller takes the yes back. What was recorded is destroyed, or kept. */
const ends: Record<string, Parameters<typeof setUp>[0]> = {
  destroyed: ({ session }) => void Object.assign(session.recordings[0]!, { running: false }),
  kept: ({ session, clock }) => session.endAt(clock.now()),
}

for (const [what, end] of Object.entries(ends)) {
  t.test(`a pause in which a recording ended says nothing of the next one (${what})`, async t => {
    const { call, sessions, second, before } = await setUp(end)
    t.equal(before, 'agent')
    t.strictSame([sessions.pausedBy(call), sessions.pausedSince(call)], [undefined, undefined])
    await second.session.pauses.pause(second.clock.now(), 'party')
    t.strictSame([sessions.pausedBy(call), sessions.pausedSince(call)], ['party', second.clock.now()])
  })

  t.test(`the next recording is paused by the same, agent or outsider (${what})`, async t => {
    const { call, sessions, second } = await setUp(end)
    const { pauses } = second.session
    const recorder = {
      pause: (_: CallId, at: number, by: OmittedBy) => pauses.pause(at, by),
      resume(_: CallId, at: number, by: OmittedBy | 'timeout') {
        pauses.resume(at, by)
        return true
      },
      hold() {},
      leaveOutHeld() {},
      pausedSince: (of: CallId) => sessions.pausedSince(of),
      pausedBy: (of: CallId) => sessions.pausedBy(of),
      recordedPurposes: (of: CallId) => sessions.recordedPurposes(of),
    }
    const { clock } = second
    const pauseSwitch = createPauseSwitch({ call, recorder, clock, policy: () => keyLine })
    t.equal(pauses.by, undefined)
    for (const digit of keyLine.keys.pause) pauseSwitch.key(digit, clock.now())
    t.equal(pauses.by, 'agent', 'a card number follows')
    for (const digit of keyLine.keys.pause) pauseSwitch.key(digit, clock.now())
    t.equal(pauses.by, undefined)
    pauseSwitch.judge('party', clock.now())
    t.equal(pauses.by, 'party')
    pauseSwitch.end()
  })
}
