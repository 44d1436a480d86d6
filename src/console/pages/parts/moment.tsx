import type { View } from '../view.js'

/** A moment in the visitor's time zone, with its offset. @param at ISO 8601, UTC @param seconds whether they are shown */
export const Moment = ({ at, view, seconds = false }: { at: string; view: View; seconds?: boolean }) => (
  <time dateTime={at} class="number">
    {formatOf(view, seconds).format(new Date(at))}
  </time>
)

/** A day. @param on `YYYY-MM-DD` */
export const Day = ({ on, view: { locale } }: { on: string; view: View }) => (
  <time dateTime={on} class="number">
    {new Date(on).toLocaleDateString(locale, {
      ...{ timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' },
    })}
  </time>
)

const formats = new Map<string, Intl.DateTimeFormat>()

/** Formats are cached, because making one takes a hundred times as long as using it. */
function formatOf({ locale, zone = 'UTC' }: View, seconds: boolean): Intl.DateTimeFormat {
  const key = `${locale} ${zone} ${seconds}`
  const known = formats.get(key)
  if (known) return known
  const made = new Intl.DateTimeFormat(locale, {
    ...{ timeZone: zone, timeZoneName: 'shortOffset', hourCycle: 'h23' },
    ...{ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' },
    ...(seconds && { second: '2-digit' }),
  })
  formats.set(key, made)
  return made
}
