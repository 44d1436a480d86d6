import { type HttpAnswer, httpGet } from '../../../lab/http-get.js'
import type { AlarmKind } from '../../../src/core/alarms.js'
import { toldEvents } from '../data/told-events.js'
import type { CallLab } from '../lab/call-lab.js'
import { until } from '../processes/database.js'

/** A service that is busy answers within this time, ms. */
const ANSWER_LIMIT_MS = 60_000

interface AlarmEvent {
  type: 'alarm.raised' | 'alarm.cleared'
  data: {
    alarm: AlarmKind
    detail?: string
    check?: string
    recording?: string
    leg?: string
    purpose?: string
  }
}

/** @returns the alarm's events in the journal, in order */
export async function alarmEvents({ db }: Pick<CallLab, 'db'>, alarm: AlarmKind): Promise<AlarmEvent[]> {
  const events = await toldEvents(db, 'alarm.raised', 'alarm.cleared')
  return (events as unknown as AlarmEvent[]).filter(({ data }) => data.alarm === alarm)
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
  const { body } = await ask(`${lab.ready.http}/metrics`)
  const line = body.split('\n').find(one => one.startsWith(`${name} `))
  return Number(line?.slice(name.length + 1))
}

/** @returns status of `/readyz`, and whether each part is ready */
export async function readReadiness({
  lab,
}: CallLab): Promise<{ status: number; parts: Record<string, boolean> }> {
  const { status, body } = await ask(`${lab.ready.http}/readyz`)
  const { parts } = JSON.parse(body) as { parts: Record<string, boolean> }
  return { status, parts }
}

/** @throws Error if the service does not answer */
async function ask(url: string): Promise<HttpAnswer> {
  const answer = await httpGet(url, ANSWER_LIMIT_MS)
  if (!answer) throw new Error(`no answer from ${url}`)
  return answer
}
