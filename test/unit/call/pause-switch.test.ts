// The switch alone. Fake: the recorder, the clock.
import t from 'tap'
import { createPauseSwitch } from '../../../src/call/pause-switch.js'
import { Peers } from '../../../src/call/peers.js'
import { type CallId, type ChannelId, newCallId } from '../../../src/shared/ids.js'
import { keyLine } from '../../support/policies.js'

/** A recorder that notes what it is told, and a clock that is moved by hand. */
function setUp({ recorded = true, since }: { recorded?: boolean; since?: number } = {}) {
  const told: string[] = []
  let paused = since
  let now = 10_000
  let timers: { due: number; fn: () => void }[] = []
  const call: CallId = newCallId()
  const recorder = {
    pause(_: CallId, at: number, by: string) {
      if (recorded) told.push(`pause ${by} ${at}`)
      if (recorded) paused ??= at
      return recorded ? Promise.resolve() : undefined
    },
    resume(_: CallId, at: number, by: string) {
      if (recorded) told.push(`resume ${by} ${at}`)
      paused = undefined
      return recorded
    },
    pausedSince: () => paused,
  }
  const clock = {
    now: () => now,
    elapsed: () => now,
    after(ms: number, fn: () => void) {
      const timer = { due: now + ms, fn }
      timers.push(timer)
      return () => {
        timers = timers.filter(other => other !== timer)
      }
    },
  }
  const policy = () => ({ ...keyLine, pauseMaxMs: 60_000 })
  return {
    told,
    switched: createPauseSwitch({ call, recorder, clock, policy }),
    later(ms: number) {
      now += ms
      for (const { fn } of timers.filter(({ due }) => due <= now)) fn()
      timers = timers.filter(({ due }) => due > now)
    },
  }
}

t.test("the agent's keys pause and resume in turn", async t => {
  const { switched, told } = setUp()
  for (const [at, digit] of [...'*7x*7'].entries()) switched.key(digit, at)
  t.strictSame(told, ['pause agent 1', 'resume agent 4'])
  switched.key('*', 10_000)
  switched.key('7', 13_001)
  t.equal(told.length, 2, 'keys too far apart are none')
})

t.test('it goes on by itself, from the last pause on, and only once', async t => {
  const { switched, told, later } = setUp()
  switched.pause('api', 10_000)
  later(59_999)
  switched.pause('api', 69_999)
  later(59_999)
  t.strictSame(told, ['pause api 10000', 'pause api 69999'])
  later(1)
  later(600_000)
  t.strictSame(told.slice(2), ['resume timeout 129999'])
})

t.test('who resumes, or hangs up, has no timer running', async t => {
  const { switched, told, later } = setUp()
  switched.pause('api', 1)
  t.ok(switched.resume('api', 2))
  switched.pause('api', 3)
  switched.end()
  later(600_000)
  t.strictSame(told, ['pause api 1', 'resume api 2', 'pause api 3'])
})

t.test('nothing that is not recorded can be paused', async t => {
  const { switched, later, told } = setUp({ recorded: false })
  t.notOk(switched.pause('api', 1))
  later(600_000)
  t.strictSame(told, [])
})

t.test('a pause that a service before us began ends when it would have', async t => {
  const { told, later } = setUp({ since: 5_000 })
  later(54_999)
  t.strictSame(told, [])
  later(1)
  t.strictSame(told, ['resume timeout 65000'])
  const long = setUp({ since: -600_000 })
  long.later(0)
  t.strictSame(long.told, ['resume timeout 10000'], 'or at once')
})

t.test('whose keys are those of which call', async t => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'] as ChannelId[]
  const peers = new Peers()
  t.strictSame(peers.join(a!, [b!]), [b])
  t.strictSame(peers.join(a!, [b!, c!]), [c], 'only those who are new')
  t.equal(peers.callerOf(b!), a)
  peers.join(a!, [c!])
  t.equal(peers.callerOf(b!), undefined, 'another one has taken over')
  peers.join(a!, [b!, c!])
  t.strictSame(peers.join(d!, [b!]), [b], 'an agent goes on to another caller')
  t.equal(peers.callerOf(b!), d)
  peers.channelGone(b!)
  t.equal(peers.callerOf(b!), undefined)
  peers.channelGone(a!)
  t.equal(peers.callerOf(c!), undefined, 'the caller is gone')
})
