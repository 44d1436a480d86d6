import type { AlarmKind } from '../../../src/shared/alarms.js'
import type { CallLab } from '../lab/call-lab.js'
import { until } from '../processes/database.js'

interface AlarmEvent {
  type: 'alarm.raised' | 'alarm.cleared'
  data: { alarm: AlarmKind; detail?: string; recording?: string; leg?: string; purpose?: string }
}

/** @returns the alarm's events in the journal, in order */
export async function alarmEvents({ db }: Pick<CallLab, 'db'>, alarm: AlarmKind): Promise<AlarmEvent[]> {
  const rows = await db
    .selectFrom('event')
    .where('type', 'in', ['alarm.raised', 'alarm.cleared'])
    .select(['type', 'data'])
    .orderBy('id')
    .execute()
  return (rows as unknown as AlarmEvent[]).filter(({ data }) => data.alarm === alarm)
}

/** Waits until journal and metrics agree that the alarm stands, or that it does not. @returns its events */
export async function waitForAlarm(site: CallLab, alarm: AlarmKind, stands: boolean): Promise<AlarmEvent[]> {
  await until(async () => {
    const last = (await alarmEvents(site, alarm)).at(-1)
    return last?.type === (stands ? 'alarm.raised' : 'alarm.cleared')
  })
  await until(async () => (await readMetric(site, `consentry_alarm{alarm="${alarm}"}`)) > 0 === stands)
  return alarmEvents(site, alarm)
}

/** @returns a metric's value; NaN if there is no such metric */
export async function readMetric({ lab }: CallLab, name: string): Promise<number> {
  const text = await (await fetch(`${lab.ready.http}/metrics`)).text()
  const line = text.split('\n').find(one => one.startsWith(`${name} `))
  return Number(line?.slice(name.length + 1))
}

/** @returns status of `/readyz`, and whether each part is ready */
export async function readReadiness({
  lab,
}: CallLab): Promise<{ status: number; parts: Record<string, boolean> }> {
  const answer = await fetch(`${lab.ready.http}/readyz`)
  const { parts } = (await answer.json()) as { parts: Record<string, boolean> }
  return { status: answer.status, parts }
}
