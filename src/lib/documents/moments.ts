/*
 * Documents for people and authorities are HTML pages that print on A4. This room has their page, blocks, dates and style, and
 * saves them as HTML or PDF. The content of each document is in the room that it is about.
 */

import { utcOffset } from '../../core/clock.js'
import type { WrittenLanguage } from '../../core/policy.js'

const LONG_DAY: Record<WrittenLanguage, Intl.DateTimeFormat> = {
  ru: new Intl.DateTimeFormat('ru-RU', { dateStyle: 'long', timeZone: 'UTC' }),
  en: new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }),
}
const SHORT_MONTH = new Intl.DateTimeFormat('en-US', { month: 'short', timeZone: 'UTC' })

/** @returns a moment in this machine's time zone: `2026-11-24`, `20:31:05`, and the offset from UTC, `+03:00` */
function toLocal(at: Date): { day: string; time: string; offset: string } {
  const offset = utcOffset(at.getTime())
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4))
  const ahead = (offset.startsWith('-') ? -1 : 1) * minutes * 60_000
  const text = new Date(at.getTime() + ahead).toISOString()
  return { day: text.slice(0, 10), time: text.slice(11, 19), offset }
}

/** @returns `24.11.2026`, in English `24 Nov 2026` */
function shortDay(day: string, language: WrittenLanguage): string {
  const [year, month, date] = day.split('-') as [string, string, string]
  return language === 'ru'
    ? `${date}.${month}.${year}`
    : `${Number(date)} ${SHORT_MONTH.format(new Date(day))} ${year}`
}

/**
 * @param day `YYYY-MM-DD`
 * @returns `24 ноября 2026 г.`, in English `24 November 2026`
 */
export const longDay = (day: string, language: WrittenLanguage): string =>
  LONG_DAY[language].format(new Date(day))

/** @returns the day of a moment in this machine's time zone, as `longDay` writes it */
export const localDay = (at: Date, language: WrittenLanguage): string => longDay(toLocal(at).day, language)

/** @returns a moment to the second in this machine's time zone, with the offset from UTC */
export function momentText(at: Date, language: WrittenLanguage): string {
  const { day, time, offset } = toLocal(at)
  return `${shortDay(day, language)}${language === 'ru' ? ' ' : ', '}${time} (UTC${offset})`
}
