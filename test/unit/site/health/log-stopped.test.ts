// Real: the check and the anchor's file. Fake: the clock, the monitored parts and the journal (a list).
import t from 'tap'
import type { CallEvent } from '../../../../src/core/events.js'
import { ClockAnchor } from '../../../../src/lib/clock/clock-anchor.js'
import { SteadyClock } from '../../../../src/lib/clock/steady-clock.js'
import { Alarms } from '../../../../src/site/health/alarms.js'
import { CallsTaken } from '../../../../src/site/health/checks/calls-taken.js'
import { healthChecks } from '../../../../src/site/health/checks/health-checks.js'
import { UnwritableStorage } from '../../../../src/site/health/unwritable-storage.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { silent } from '../../../support/processes/database.js'

t.test('an alarm says why the transparency log is not extended', async t => {
  const machine = new FakeClock()
  const clock = new SteadyClock(machine, new ClockAnchor(t.testdir({}), machine.elapsed()), {
    jumped() {},
    settled() {},
  })
  const nothing = async () => {}
  const state: { stopped: string | undefined; behindMs: number } = { stopped: undefined, behindMs: 0 }
  const parts = {
    purposes: [],
    store: { checkWritable: nothing, room: async () => undefined },
    keyStore: { checkWritable: nothing },
    prompts: { checkReadable: nothing },
    promptBook: { unusable: [] },
    journal: {
      available: true,
      refusing: false,
      databaseSilentMs: 0,
      waiting: 0,
      counts: { committed: 0, refused: 0, dropped: 0 },
    },
    serviceLock: { copied: false, namesakes: 0 },
    journalLog: { state },
    recorder: { keeperPid: 1, keeperHeldBytes: 0, taps: 0, signs: () => [] },
    setup: { troubles: () => [] },
    probes: { failed: [] },
    calls: {
      size: 0,
      inQuestion: 0,
      tapRefused: false,
      recordedByPbx: false,
      around: { spies: { fromOutside: false } },
    },
    telephony: { connected: true },
    day: { refresh: () => undefined },
  }
  const events: CallEvent[] = []
  const alarms = new Alarms({ journal: { note: one => void events.push(one) }, clock, log: silent })
  const taken = new CallsTaken(clock)
  const checks = healthChecks({
    ...{
      clock,
      parts,
      unwritable: new UnwritableStorage(),
      callsTaken: taken,
      shortRecordings: { troubles: () => [] },
      tapDir: '/',
      silentLegMs: 6_000,
    },
    loads: () => [],
    isLate: () => false,
  })
  const check = checks.find(one => one.alarms.includes('log-stopped'))!
  const runCheck = async () => alarms.setStanding(check.alarms, await check.troubles())

  await runCheck()
  t.equal(alarms.count('log-stopped'), 0)
  state.stopped = 'The journal is not the one that was signed.'
  await runCheck()
  await runCheck()
  t.equal(alarms.count('log-stopped'), 1)
  state.stopped = undefined
  await runCheck()
  t.equal(alarms.count('log-stopped'), 0)
  matchEach(t, events, [
    { type: 'alarm.raised', data: { detail: /log has stopped: The journal is not the one/ } },
    { type: 'alarm.cleared', data: { alarm: 'log-stopped' } },
  ])

  state.behindMs = 9_999
  machine.advance(20_000)
  await runCheck()
  t.equal(alarms.count('log-stopped'), 0)
  state.behindMs = 10_000
  await runCheck()
  t.equal(alarms.count('log-stopped'), 1, 'ten seconds without an event in the log, although some wait')
  parts.journal.available = false
  await runCheck()
  t.equal(alarms.count('log-stopped'), 0, 'the time without the database does not count')
  parts.journal.available = true
  machine.advance(9_999)
  await runCheck()
  t.equal(alarms.count('log-stopped'), 0)
  machine.advance(1)
  await runCheck()
  t.equal(alarms.count('log-stopped'), 1)
})
