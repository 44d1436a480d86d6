// Real: the checks and the alarms. Fake: the parts of the service, the clock, and the journal (a list).
import t from 'tap'
import type { AlarmKind } from '../../../../src/core/alarms.js'
import { Alarms } from '../../../../src/site/health/alarms.js'
import { healthChecks } from '../../../../src/site/health/checks/health-checks.js'
import type { Found, MonitoredParts } from '../../../../src/site/health/monitored-parts.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { silent } from '../../../support/processes/database.js'

/** @returns looks once, and tells what was journalled meanwhile */
function looking(alarm: AlarmKind, parts: Partial<MonitoredParts>) {
  const said: unknown[] = []
  const alarms = new Alarms({
    journal: { note: ({ type, data }) => void said.push({ type, ...data }) },
    ...{ clock: new FakeClock(), log: silent },
  })
  const monitored = { purposes: [], prompts: { checkReadable: async () => {} }, ...parts }
  const checks = healthChecks({
    ...{
      parts: monitored as unknown as MonitoredParts,
      tapDir: '/',
      silentLegMs: 6_000,
      loads: () => [],
      isLate: () => false,
    },
    ...({ clock: new FakeClock() } as unknown as Pick<
      Parameters<typeof healthChecks>[0],
      'clock' | 'unwritable' | 'callsTaken' | 'shortRecordings'
    >),
  })
  const check = checks.find(one => one.alarms.includes(alarm))!
  return async () => {
    alarms.setStanding(check.alarms, await check.troubles())
    return said.splice(0)
  }
}

const refused: Found = {
  check: 'en/refused version 3',
  detail: 'en/refused version 3: ffmpeg cannot be started',
}
const granted: Found = { check: 'ru/granted version 2', detail: 'ru/granted version 2: the file is damaged' }

for (const alarm of ['prompt-unusable', 'probe-failed'] as const)
  t.test(`${alarm}: each of several begins and ends by itself, and is named`, async t => {
    let found: Found[] = []
    const look = looking(alarm, {
      promptBook: {
        get unusable() {
          return found
        },
      },
      probes: {
        get failed() {
          return found
        },
      },
    })
    t.strictSame(await look(), [])
    found = [refused]
    t.strictSame(await look(), [{ type: 'alarm.raised', alarm, ...refused }])
    found = [refused, granted]
    t.strictSame(await look(), [{ type: 'alarm.raised', alarm, ...granted }])
    found = [granted]
    t.strictSame(await look(), [{ type: 'alarm.cleared', alarm, check: refused.check, stoodMs: 0 }])
    t.strictSame(await look(), [])
    found = []
    t.strictSame(await look(), [{ type: 'alarm.cleared', alarm, check: granted.check, stoodMs: 0 }])
  })

t.test('exposed memory is one alarm, which the check of memory raises and clears', async t => {
  const detail = 'Memory of consentry.service may be swapped to a disk.'
  let found = true
  const look = looking('memory-exposed', {
    setup: { troubles: () => (found ? [{ alarm: 'memory-exposed', detail }] : []) },
  })
  t.strictSame(await look(), [{ type: 'alarm.raised', alarm: 'memory-exposed', check: 'memory', detail }])
  found = false
  t.strictSame(await look(), [
    { type: 'alarm.cleared', alarm: 'memory-exposed', check: 'memory', stoodMs: 0 },
  ])
})
