// Real: the look for spies and mailboxes every 10 s. Fake: the calls, the PBX and the clock.
import t from 'tap'
import { keepMatching, type MatchDeps, type PassedDeps } from '../../../../src/call/run/match-channels.js'
import { AppError } from '../../../../src/core/errors.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

t.test('spies and mailboxes are looked for every 10 s while there are calls', async t => {
  const clock = new FakeClock()
  const seen: unknown[] = []
  const calls = {
    size: 0,
    around: {
      spies: { listed: (spies: unknown) => seen.push(spies) },
      pbxRecordings: { inMailbox: (channel: unknown) => seen.push(channel) },
    },
  }
  let fails = false
  const pbx = {
    connected: true,
    ownChannels: async () => [],
    async dialplanUses() {
      if (fails) throw new AppError('pbx.unavailable', 'away')
      return { spies: ['spy'], inMailbox: ['c1'] }
    },
  }
  const deps = { calls, pbx, clock } as unknown as MatchDeps & PassedDeps
  const matching = keepMatching(deps, () => {})
  await clock.advanceAndWait(10_000)
  t.strictSame(seen, [], 'there are no calls')
  calls.size = 1
  await clock.advanceAndWait(10_000)
  t.strictSame(seen, [['spy'], 'c1'])
  fails = true
  await clock.advanceAndWait(10_000)
  fails = false
  await clock.advanceAndWait(10_000)
  t.equal(seen.length, 4, 'it goes on after a failure')
  matching.stop()
  await clock.advanceAndWait(20_000)
  t.equal(seen.length, 4)
})
