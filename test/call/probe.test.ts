// Real: Asterisk, the service, its keeper and PostgreSQL, the command as a process. Fake: none. A line is called by Consentry itself.
import t from 'tap'
import { DAY_MS, dayOf } from '../../src/core/clock.js'
import { countCalls } from '../../src/journal/read/present.js'
import { waitForAlarm } from '../support/assertions/alarms.js'
import { quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { consentry } from '../support/processes/command.js'
import { until } from '../support/processes/database.js'

t.setTimeout(300_000)
/** The caller of a probe call presses a key when the journal has the end of the question; a busy machine needs time for this. */
const line = quickLine('370', { waitMs: 6_000, retries: 0, onRefused: { do: 'hangup' } })
const site = await startCallLab(t, { lines: [line] })
const { lab } = site
const { pbx, env } = lab

interface Printed {
  ok: boolean
  probes: {
    answer: string
    ok: boolean
    call: string
    faults: { kind: string; what: { ru: string; en: string } }[]
    recordings: { id: string; purpose: string; seconds: number }[]
  }[]
}

async function probe(...args: string[]): Promise<Printed & { code: number; kinds: string[] }> {
  const { code, out, err } = await consentry(env, 'probe', ...args, '--by', 'anna', '--json')
  if (out === '') throw new Error(err)
  const printed = JSON.parse(out) as Printed
  return {
    ...printed,
    code: code ?? -1,
    kinds: printed.probes.flatMap(one => one.faults.map(({ kind }) => kind)),
  }
}

t.test('a yes is recorded and verifies, a no and silence are not, and none counts as a caller', async t => {
  const { code, ok, probes } = await probe('370')
  t.strictSame({ code, ok, faults: probes.flatMap(one => one.faults) }, { code: 0, ok: true, faults: [] })
  t.strictSame(
    probes.map(({ answer, recordings }) => [answer, recordings.length]),
    [
      ['yes', 1],
      ['no', 0],
      ['silent', 0],
    ],
  )
  const [recording] = probes[0]!.recordings
  t.ok(recording!.seconds >= 3.5, `${recording!.seconds} s are recorded`)

  const calls = await site.db
    .selectFrom('call')
    .select(['id', 'line', 'probe', 'decision'])
    .orderBy('started_at')
    .execute()
  t.strictSame(
    calls,
    probes.map(({ call: id }, i) => ({
      ...{ id, line: '370', probe: true, decision: ['granted', 'refused', 'silent'][i] },
    })),
    'the journal marks them',
  )
  t.strictSame(await countCalls(site.db, new Date(0), 900_000), [], 'no count of calls has them')
  const metrics = await (await fetch(`${lab.ready.http}/metrics`)).text()
  for (const name of ['consentry_calls_total', 'consentry_recordings_started_total'])
    t.match(metrics, new RegExp(`^${name} 0$`, 'm'))
  t.match(metrics, /^consentry_decisions_total\{decision="granted"\} 0$/m)
  t.notMatch(metrics, /consentry_trunk_reactions_total\{/, 'and no trunk has them')

  const kept = await site.db.selectFrom('recording').select(['id', 'due', 'prepared_at']).execute()
  t.strictSame(
    kept.map(({ id, due }) => [id, due]),
    [[recording!.id, dayOf(kept[0]!.prepared_at.getTime() + DAY_MS)]],
    'the recording is due the next day',
  )
  const results = await site.db
    .selectFrom('event')
    .select('data')
    .where('type', '=', 'probe.finished')
    .orderBy('id')
    .execute()
  t.strictSame(
    results.map(({ data }) => [data['line'], data['answer'], data['call'], data['faults']]),
    probes.map(({ answer, call }) => ['370', answer, call, []]),
  )
  t.strictSame((await site.verify()).faults, [])
  await until(async () => (await pbx.cli('core show channels concise')).trim() === '')
})

t.test('people read it in their language', async t => {
  const { code, out } = await consentry(env, 'probe', '370', '--answer', 'no', '--lang', 'ru', '--by', 'anna')
  t.match({ code, out }, { code: 0, out: /✔ 370 {2}нет +записи нет {2}[0-9a-f-]{36}\nОшибок нет\./ })
  const listed = await consentry(env, 'calls', '--limit', '1')
  t.match(listed.out, /\(probe\)/)
})

t.test(
  'a number that is no line, an answer that is none and a context that is missing are refused',
  async t => {
    t.match(await consentry(env, 'probe', '379', '--by', 'anna'), { code: 1, err: /379 is no line/ })
    t.match(await consentry(env, 'probe', '370', '--answer', 'maybe'), { code: 2, err: /--answer is one of/ })
    const { code, kinds, probes } = await probe('370', '--answer', 'yes', '--context', 'nowhere')
    t.strictSame({ code, kinds }, { code: 1, kinds: ['not-placed'] })
    t.match(probes[0]?.faults[0]?.what.en, /no 370 in nowhere/)
  },
)

t.test('the schedule of the service raises an alarm', async t => {
  await lab.service.stop()
  const stopped = await probe('370', '--answer', 'silent')
  t.strictSame(stopped.kinds, ['not-asked'], 'without the service, callers pass unasked')

  await pbx.cli('module unload app_mixmonitor.so')
  lab.service.overrides = {
    ...lab.service.overrides,
    // A round is due in the first second, when the service has not reached the PBX yet.
    ...{ CONSENTRY_PROBE_LINES: '370', CONSENTRY_PROBE_CRON: '* * * * * *' },
  }
  lab.service.start()
  await lab.service.waitUntilReady()
  const raised = (await waitForAlarm(site, 'probe-failed', true)).at(-1)
  t.match(raised, { data: { alarm: 'probe-failed', detail: /^370 \(yes\): not-recorded: / } })
})
