// Real: the checks and the alarms. Fake: the parts of the service, the clock, and the journal (a list).
import t from 'tap'
import { Alarms } from '../../../../src/site/health/alarms.js'
import { healthChecks } from '../../../../src/site/health/checks/health-checks.js'
import type { HeardBy, MonitoredParts } from '../../../../src/site/health/monitored-parts.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { silent } from '../../../support/processes/database.js'

const VOSK_DETAIL = 'the Vosk server does not recognise'

t.test('an engine that is away is named, also after its process was not ready', async t => {
  const clock = new FakeClock()
  const said: unknown[] = []
  const alarms = new Alarms({
    journal: { note: ({ type, data }) => void said.push({ type, ...data }) },
    ...{ clock, log: silent },
  })
  let speech: { processTrouble: string | undefined; engines: HeardBy[] }
  const parts = {
    ...{ purposes: [], prompts: { checkReadable: async () => {} } },
    ...{ telephony: { connected: true }, journal: { available: true }, recorder: { keeperPid: 1 } },
    get speech() {
      return speech
    },
  }
  const checks = healthChecks({
    ...{
      parts: parts as unknown as MonitoredParts,
      tapDir: '/',
      silentLegMs: 6_000,
      loads: () => [],
      isLate: () => false,
    },
    ...({ clock } as unknown as Pick<
      Parameters<typeof healthChecks>[0],
      'clock' | 'unwritable' | 'callsTaken' | 'shortRecordings'
    >),
  })
  const check = checks.find(one => one.alarms.includes('speech-away'))!
  const look = async (now: typeof speech) => {
    speech = now
    alarms.setStanding(check.alarms, await check.troubles())
    return said.splice(0)
  }
  const engine = (language: 'en' | 'ru', trouble: string | null): HeardBy => ({
    engine: 'vosk',
    language,
    trouble,
  })
  const starting = { processTrouble: 'not ready', engines: [] }
  t.strictSame(await look(starting), [], 'a start is no trouble')
  clock.advance(2_000)
  const [raised] = await look(starting)
  t.match(raised, { type: 'alarm.raised', alarm: 'speech-away', detail: 'not ready' })

  const [cleared, named] = await look({
    processTrouble: undefined,
    engines: [engine('en', VOSK_DETAIL), engine('ru', null)],
  })
  t.match(cleared, { type: 'alarm.cleared', alarm: 'speech-away' })
  t.match(named, { type: 'alarm.raised', alarm: 'speech-away', check: 'vosk-en', detail: VOSK_DETAIL })

  const later = await look({
    processTrouble: undefined,
    engines: [engine('en', VOSK_DETAIL), engine('ru', VOSK_DETAIL)],
  })
  t.equal(later.length, 1, 'the alarm that stands is not raised again')
  t.match(later[0], { type: 'alarm.raised', check: 'vosk-ru' })
})
