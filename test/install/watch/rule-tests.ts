import { ALARMS } from '../../../src/core/alarms.js'
import { alertOf, type Rule } from '../../support/watching/rules.js'

/*
 * Unit tests of the rules, for `promtool test rules`. Each has a sample a minute: ten minutes without the trouble, thirty with it, and
 * hours after it.
 */

/** The trouble begins here, min. */
const BEGIN = 10
/** All alerts that wait fire by then, min. */
const FIRING = 35
/** The trouble is over here, min. */
const END = 40
/** No rule looks further back than two hours. By then nothing fires any more, min. */
const FORGOTTEN = 200

/** A series with its values, in promtool's notation. */
type Series = Record<string, string>
interface Case {
  series: Series
  /** Labels of the alert, besides those of its rule. Without them, no alert is expected. */
  labels?: Record<string, string>
  /** When nothing fires any more, min. */
  over?: number
}

const gauge = (trouble: number, well = 0) =>
  `${well}x${BEGIN - 1} ${trouble}x${END - BEGIN - 1} ${well}x${FORGOTTEN}`
/** A count that grows by `step` a minute during the trouble. */
const count = (step = 1) =>
  `0x${BEGIN - 1} ${step}+${step}x${END - BEGIN - 1} ${step * (END - BEGIN)}x${FORGOTTEN}`
const still = `0x${FORGOTTEN + END}`

const at = { instance: 'pbx1:8080', job: 'consentry' }
const only = { instance: at.instance }
const named = (name: string, labels: Record<string, string> = {}): string =>
  `${name}{${Object.entries({ ...labels, ...at })
    .map(([label, value]) => `${label}="${value}"`)
    .join(',')}}`

const reacted = (reaction: string) =>
  named('consentry_trunk_reactions_total', { trunk: 'PJSIP/carrier', reaction })
const ended = (state: string) => named('consentry_recordings_ended_total', { state })
const bucket = (le: string) => named('consentry_call_stage_seconds_bucket', { stage: 'decision', le })

/** What makes an alert fire, and what does not. The alerts of alarms are in `ofAlarms`. */
const CASES: Record<string, Case[]> = {
  ConsentryDown: [{ series: { [named('up')]: gauge(0, 1) }, labels: at }],
  ConsentryUnwatched: [
    { series: { [named('up')]: `_x${END - 1} 1x${FORGOTTEN}` }, labels: { job: 'consentry' } },
  ],
  ConsentryRestarts: [
    { series: { [named('process_start_time_seconds')]: count(60) }, labels: at, over: FORGOTTEN },
    { series: { [named('process_start_time_seconds')]: gauge(600) } },
  ],
  ConsentryAlarmReturns: [
    {
      series: { [named('consentry_alarms_raised_total', { alarm: 'disk-low' })]: count() },
      labels: { ...only, alarm: 'disk-low' },
      over: FORGOTTEN,
    },
    { series: { [named('consentry_alarms_raised_total', { alarm: 'leg-silent' })]: count() } },
  ],
  ConsentryEventNotJournalled: [
    {
      series: { [named('consentry_journal_events', { outcome: 'refused' })]: count() },
      labels: { ...at, outcome: 'refused' },
      over: FORGOTTEN,
    },
    { series: { [named('consentry_journal_events', { outcome: 'committed' })]: count() } },
  ],
  ConsentryYesNotRecorded: [
    {
      series: { [named('consentry_recordings_failed_total', { reason: 'key.missing' })]: count() },
      labels: { ...only, reason: 'key.missing' },
      over: FORGOTTEN,
    },
    { series: { [named('consentry_recordings_failed_total', { reason: 'hung-up' })]: count() } },
  ],
  ConsentryRecordingsTruncated: [
    { series: { [ended('truncated')]: count() }, labels: { ...at, state: 'truncated' }, over: FORGOTTEN },
    { series: { [ended('finished')]: count() } },
  ],
  ConsentryTapsEmpty: [
    {
      series: { [ended('empty')]: count(), [ended('finished')]: still },
      labels: { ...at, state: 'empty' },
      over: FORGOTTEN,
    },
    { series: { [ended('empty')]: count(), [ended('finished')]: count() } },
  ],
  ConsentryTrunkWithoutKeys: [
    {
      series: { [reacted('nothing')]: count(), [reacted('key')]: still },
      labels: { ...only, trunk: 'PJSIP/carrier' },
      over: FORGOTTEN,
    },
    { series: { [reacted('nothing')]: count(), [reacted('key')]: count() } },
  ],
  ConsentrySlow: [
    {
      series: { [bucket('1')]: still, [bucket('5')]: count(), [bucket('+Inf')]: count() },
      labels: { ...only, stage: 'decision' },
      over: FORGOTTEN,
    },
    { series: { [bucket('1')]: count(), [bucket('5')]: count(), [bucket('+Inf')]: count() } },
  ],
  ConsentryEventsWait: [{ series: { [named('consentry_journal_waiting')]: gauge(5_000) }, labels: at }],
  ConsentryFilesNearLimit: [
    {
      series: {
        [named('process_open_fds')]: gauge(900, 50),
        [named('process_max_fds')]: gauge(1_000, 1_000),
      },
      labels: at,
    },
  ],
}

const ofAlarms = ALARMS.flatMap(alarm => {
  const running = { [named('consentry_recordings_running')]: gauge(4, 4) }
  const standing = (many: number): Series => ({
    [named('consentry_alarm', { alarm })]: gauge(many),
    ...running,
  })
  const cases: Case[] = [{ series: standing(3), labels: { ...at, alarm } }]
  // A call on hold is no trouble.
  if (alarm === 'leg-silent') cases.push({ series: standing(2) })
  return cases.map(one => ({ alert: alertOf(alarm), ...one }))
})

/**
 * The tests, in the form of promtool's file (JSON is YAML).
 *
 * @param rules the shipped rules
 * @param path where they are
 * @throws Error if a rule has no test
 */
export function ruleTests(rules: readonly Rule[], path: string) {
  const all = [
    ...ofAlarms,
    ...Object.entries(CASES).flatMap(([alert, cases]) => cases.map(one => ({ alert, ...one }))),
  ]
  const tested = rules.map(rule => {
    const own = all.filter(({ alert, labels }) => alert === rule.alert && labels)
    if (own.length === 0) throw new Error(`${rule.alert} has no test`)
    return all.filter(({ alert }) => alert === rule.alert).map(one => testOf(rule, one))
  })
  return { rule_files: [path], evaluation_interval: '1m', tests: tested.flat() }
}

function testOf({ alert, annotations, ...rule }: Rule, { series, labels, over = END + 1 }: Case) {
  const fires = labels ? [{ exp_labels: { ...rule.labels, ...labels }, exp_annotations: annotations }] : []
  const moments = [
    ...(alert === 'ConsentryUnwatched' ? [] : [{ minute: BEGIN - 1, fires: [] }]),
    // A rule that waits has seen the trouble once.
    ...(rule.for ? [{ minute: BEGIN, fires: [] }] : []),
    { minute: FIRING, fires },
    { minute: over, fires: [] },
  ].filter(({ minute }) => alert !== 'ConsentryUnwatched' || minute !== BEGIN)
  return {
    interval: '1m',
    input_series: Object.entries(series).map(([one, values]) => ({ series: one, values })),
    alert_rule_test: moments.map(moment => ({
      eval_time: `${moment.minute}m`,
      alertname: alert,
      exp_alerts: moment.fires,
    })),
  }
}
