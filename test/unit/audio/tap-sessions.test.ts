// Real: the sessions of a call, what they leave out, and the pause switch. Fake: the taps, the recordings and the clock.
import t from 'tap'
import { TapSessions } from '../../../src/audio/tap-sessions.js'
import { createPauseSwitch } from '../../../src/call/run/pause-switch.js'
import { type CallId, newCallId } from '../../../src/core/ids.js'
import type { OmittedBy } from '../../../src/core/party-events.js'
import { keyLine } from '../../support/data/policies.js'
import { FROM, startSession } from '../../support/fakes/fake-tap-session.js'

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
    t.strictSame([sessions.pausedBy(call), sessions.pausedSince(call)], ['party', undefined])
  })

  t.test(`the next recording is paused by the same, agent or outsider (${what})`, async t => {
    const { call, sessions, second } = await setUp(end)
    const { pauses } = second.session
    const own = second.pauses
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
    t.equal(own.by, undefined)
    for (const digit of keyLine.keys.pause) pauseSwitch.key(digit, clock.now())
    t.equal(own.by, 'agent', 'a card number follows')
    for (const digit of keyLine.keys.pause) pauseSwitch.key(digit, clock.now())
    t.equal(own.by, undefined)
    pauseSwitch.judge(new Map([['service', 'party']]), clock.now())
    t.equal(own.by, 'party')
    pauseSwitch.end()
  })
}

t.test('a pause that the journal has of one tap of a call alone is taken up for all of them', async t => {
  const call = newCallId()
  const start = () => startSession(true, undefined, call)
  const [paused, unnoted, resumed] = [start(), start(), start()]
  const since = paused.clock.now() - 1_000
  paused.pauses.recover(since, 'agent')
  resumed.pauses.recover(since, 'agent', since + 500)
  const sessions = new TapSessions()
  for (const { session } of [resumed, unnoted, paused]) sessions.add(session)
  sessions.recoverPauses()
  const all = [paused, unnoted, resumed]
  t.strictSame(
    all.map(({ pauses }) => [pauses.by, pauses.since]),
    [
      ['agent', since],
      ['agent', since],
      [undefined, undefined],
    ],
    'one that has been resumed goes on',
  )
  t.strictSame(
    all.map(({ noted }) => noted),
    [[], [`paused agent -1000 ${FROM.caller} ${FROM.agent}`], []],
  )
})
