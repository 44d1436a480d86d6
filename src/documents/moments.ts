import { utcOffset } from '../shared/clock.js'

export type Language = 'ru' | 'en'

const LONG_DAY: Record<Language, Intl.DateTimeFormat> = {
  ru: new Intl.DateTimeFormat('ru-RU', { dateStyle: 'long', timeZone: 'UTC' }),
  en: new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }),
}
const SHORT_MONTH = new Intl.DateTimeFormat('en-US', { month: 'short', timeZone: 'UTC' })

/** A moment by this machine's clocks: `2026-11-24` and `20:31:05`, and how far these are ahead of UTC, `+03:00`. */
function toLocal(at: Date): { day: string; time: string; offset: string } {
  const offset = utcOffset(at.getTime())
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4))
  const ahead = (offset.startsWith('-') ? -1 : 1) * minutes * 60_000
  const text = new Date(at.getTime() + ahead).toISOString()
  return { day: text.slice(0, 10), time: text.slice(11, 19), offset }
}

/** `24.11.2026`, in English `24 Nov 2026`. */
function shortDay(day: string, language: Language): string {
  const [year, month, date] = day.split('-') as [string, string, string]
  return language === 'ru'
    ? `${date}.${month}.${year}`
    : `${Number(date)} ${SHORT_MONTH.format(new Date(day))} ${year}`
}

/** `24 ноября 2026 г.`, in English `24 November 2026`. @param day `YYYY-MM-DD` */
export const longDay = (day: string, language: Language): string => LONG_DAY[language].format(new Date(day))

/** The day on which a moment falls here, in words. */
export const localDay = (at: Date, language: Language): string => longDay(toLocal(at).day, language)

/** To the second, with the distance from UTC, so that it is the same moment everywhere. */
export function momentText(at: Date, language: Language): string {
  const { day, time, offset } = toLocal(at)
  return `${shortDay(day, language)}${language === 'ru' ? ' ' : ', '}${time} (UTC${offset})`
}
