// Real: the check and the alarm. Fake: the parts of the service, the clock, and the journal (a list).
import t from 'tap'
import { Alarms } from '../../../src/health/alarms.js'
import { healthChecks } from '../../../src/health/checks/health-checks.js'
import type { MonitoredParts } from '../../../src/health/monitored-parts.js'
import type { CallEvent } from '../../../src/shared/events.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'
import { silent } from '../../support/processes/database.js'

t.test('a published prompt that cannot be played raises an alarm, which names it', async t => {
  const events: CallEvent[] = []
  const alarms = new Alarms({
    journal: { note: one => void events.push(one) },
    clock: new FakeClock(),
    log: silent,
  })
  let unusable = ['en/refused version 3: ffmpeg cannot be started']
  const promptBook: MonitoredParts['promptBook'] = {
    get unusable() {
      return unusable
    },
  }
  const parts = { purposes: [], promptBook, prompts: { checkReadable: async () => {} } }
  const checks = healthChecks({
    ...{ parts: parts as unknown as MonitoredParts, tapDir: '/', silentLegMs: 6_000, loads: () => [] },
    ...({ clock: new FakeClock() } as unknown as Pick<
      Parameters<typeof healthChecks>[0],
      'clock' | 'unwritable' | 'callsTaken'
    >),
  })
  const check = checks.find(one => one.alarms.includes('prompt-unusable'))!
  alarms.setStanding(check.alarms, await check.troubles())
  t.match(events.at(-1), { type: 'alarm.raised', data: { alarm: 'prompt-unusable', detail: unusable[0] } })
  unusable = []
  alarms.setStanding(check.alarms, await check.troubles())
  t.match(events.at(-1), { type: 'alarm.cleared', data: { alarm: 'prompt-unusable' } })
})
