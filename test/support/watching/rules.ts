import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { AlarmKind } from '../../../src/core/alarms.js'
import { projectRoot } from '../../../src/lib/process/project.js'

/** An alert rule of Prometheus. */
export interface Rule {
  alert: string
  expr: string
  for?: string
  labels: Record<string, string>
  annotations: Record<string, string>
}

/** The shipped rules, as text. */
export const rulesText = (): string => readOps('prometheus/consentry.rules.yml')

/** The shipped rules. */
export const readRules = (): Rule[] =>
  (parse(rulesText()) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules)

/** The name of the alert of an alarm: `pbx-away` becomes `ConsentryPbxAway`. */
export const alertOf = (alarm: AlarmKind): string =>
  `Consentry${alarm.replace(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase())}`

/** A panel of the dashboard, as far as the tests read it. Rows have no targets. */
export interface Panel {
  id: number
  type: string
  title: string
  targets?: { refId: string; expr: string }[]
}

/** The panels of the shipped dashboard. */
export const readPanels = (): Panel[] =>
  (JSON.parse(readOps('grafana/consentry.json')) as { panels: Panel[] }).panels

const readOps = (path: string): string => readFileSync(join(projectRoot(), 'ops', path), 'utf8')
