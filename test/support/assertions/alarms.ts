import type { AlarmKind } from '../../../src/shared/alarms.js'
import type { CallLab } from '../lab/call-lab.js'
import { until } from '../processes/database.js'

interface AlarmEvent {
  type: 'alarm.raised' | 'alarm.cleared'
  data: { alarm: AlarmKind; detail?: string; recording?: string; leg?: string; purpose?: string }
}

/** What the journal was told of an alarm, in order. */
export async function alarmEvents({ db }: CallLab, alarm: AlarmKind): Promise<AlarmEvent[]> {
  const rows = await db
    .selectFrom('event')
    .where('type', 'in', ['alarm.raised', 'alarm.cleared'])
    .select(['type', 'data'])
    .orderBy('id')
    .execute()
  return (rows as unknown as AlarmEvent[]).filter(({ data }) => data.alarm === alarm)
}

/** Waits until the alarm stands by the journal and by the metrics, or does not. Resolves with its events. */
export async function waitForAlarm(site: CallLab, alarm: AlarmKind, stands: boolean): Promise<AlarmEvent[]> {
  await until(async () => {
    const last = (await alarmEvents(site, alarm)).at(-1)
    return last?.type === (stands ? 'alarm.raised' : 'alarm.cleared')
  })
  await until(async () => (await readMetric(site, `consentry_alarm{alarm="${alarm}"}`)) > 0 === stands)
  return alarmEvents(site, alarm)
}

/** What a metric says; NaN if there is none of that name. */
export async function readMetric({ lab }: CallLab, name: string): Promise<number> {
  const text = await (await fetch(`${lab.ready.http}/metrics`)).text()
  const line = text.split('\n').find(one => one.startsWith(`${name} `))
  return Number(line?.slice(name.length + 1))
}

/** What `/readyz` says of each part, and its status. */
export async function readReadiness({
  lab,
}: CallLab): Promise<{ status: number; parts: Record<string, boolean> }> {
  const answer = await fetch(`${lab.ready.http}/readyz`)
  const { parts } = (await answer.json()) as { parts: Record<string, boolean> }
  return { status: answer.status, parts }
}
