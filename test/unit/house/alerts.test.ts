// Real: the alert rules, the dashboard, the runbook, the words of the console. Fake: none.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { en } from '../../../src/console/pages/words/en/en.js'
import { ALARM_MEANINGS } from '../../../src/console/pages/words/ru/alarm-meanings.js'
import { ru } from '../../../src/console/pages/words/ru/ru.js'
import { ALARMS } from '../../../src/core/alarms.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { alertOf, readPanels, readRules } from '../../support/watching/rules.js'

const read = (path: string) => readFileSync(join(projectRoot(), path), 'utf8')
const rules = readRules()
const panels = readPanels()
const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name!)

/** Alerts that follow from metrics alone. Each other one is that of an alarm. */
const OF_NO_ALARM = [
  ...['ConsentryDown', 'ConsentryUnwatched', 'ConsentryRestarts', 'ConsentryAlarmReturns'],
  ...['ConsentryEventNotJournalled', 'ConsentryYesNotRecorded', 'ConsentryRecordingsTruncated'],
  ...['ConsentryTapsEmpty', 'ConsentryTrunkWithoutKeys', 'ConsentrySlow', 'ConsentryEventsWait'],
  'ConsentryFilesNearLimit',
]

t.test('each alarm has one alert, with the titles of the console in both languages', async t => {
  t.strictSame(
    rules.map(({ alert }) => alert).sort(),
    [...ALARMS.map(alertOf), ...OF_NO_ALARM].sort(),
    'and no other alert is there',
  )
  for (const alarm of ALARMS) {
    const { expr, annotations } = rules.find(({ alert }) => alert === alertOf(alarm))!
    t.strictSame(
      [...new Set(matches(expr, /alarm="([^"]*)"/g))],
      [alarm],
      `the rule of ${alarm} asks for it alone`,
    )
    t.match(annotations, {
      summary: en.now.alarms[alarm],
      summary_ru: ru.now.alarms[alarm],
      description_ru: ALARM_MEANINGS[alarm],
    })
  }
})

t.test('each alert says in both languages what is wrong and what to do, and how urgent it is', async t => {
  for (const { alert, labels, annotations } of rules) {
    t.strictSame(Object.keys(annotations), ['summary', 'description', 'summary_ru', 'description_ru'], alert)
    for (const text of [annotations['summary'], annotations['description']])
      t.match(text, /^[A-Z][^а-яё]{9,}$/i, alert)
    for (const text of [annotations['summary_ru'], annotations['description_ru']])
      t.match(text, /^.*[а-яё].{4,}$/i, alert)
    t.match(labels, { severity: /^(critical|warning)$/ }, alert)
  }
})

t.test('the runbook has each alarm: what is wrong, what callers notice, what to do', async t => {
  const entries = read('docs/operate.md')
    .split('\n')
    .map(line => line.split(' | ').map(cell => cell.replace(/^\| | \|$/g, '').trim()))
    .flatMap(([names = '', ...cells]) =>
      matches(names, /`([\w-]+)`/g).map(name => [name, cells] as [string, string[]]),
    )
    .filter(([name, { length }]) => length === 3 && ALARMS.some(alarm => alarm === name))
  t.strictSame(entries.map(([name]) => name).sort(), [...ALARMS].sort())
  for (const [name, cells] of entries) for (const cell of cells) t.match(cell, /\w{3}/, name)
})

t.test('rules and dashboard ask only for metrics, and values of labels, that exist', async t => {
  const source = read('src/site/health/metrics.ts') + read('src/core/ports.ts')
  const metrics = new Set(matches(source, /'((?:consentry|process)_[a-z_]+)'/g))
  const expressions = [...rules.map(({ expr }) => expr), ...queries]
  for (const name of expressions.flatMap(expr => matches(expr, /\b((?:consentry|process)_[a-z_]+)\b/g)))
    t.ok(metrics.has(name.replace(/_bucket$/, '')), name)
  const values = expressions.flatMap(expr =>
    matches(expr, /\b(?:alarm|state|outcome|decision|reaction|reason)[=!]~?"([^"]+)"/g).flatMap(list =>
      list.split('|'),
    ),
  )
  const known = read('src/core/events.ts') + source + ALARMS.join("' '") + read('src/call/run/run-call.ts')
  for (const value of new Set(values)) t.ok(known.includes(value), value)
})

t.test('each metric of ours is in a rule or on the dashboard', async t => {
  const source = read('src/site/health/metrics.ts')
  const shown = [...rules.map(({ expr }) => expr), ...queries].join('\n')
  t.strictSame(
    matches(source, /'((?:consentry|process)_[a-z_]+)'/g).filter(name => !shown.includes(name)),
    [],
  )
})

t.test('each panel has a title in both languages, and an id of its own', async t => {
  t.strictSame(new Set(panels.map(({ id }) => id)).size, panels.length)
  for (const { title } of panels) t.match(title, /^[^а-яё]+ · .*[а-яё]/i)
  t.ok(queries.length > 20)
})
