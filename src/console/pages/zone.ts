/** @returns the time zone, if there is one of this name */
export function zoneOf(given: string): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9/_+-]{1,63}$/.test(given)) return undefined
  try {
    return new Intl.DateTimeFormat('en', { timeZone: given }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

/** The latest midnight in a time zone, ms since the epoch. Where a clock change falls on midnight, it may be an hour off. */
export function midnight(now: number, zone = 'UTC'): number {
  const parts = new Intl.DateTimeFormat('en', {
    ...{ timeZone: zone, hour12: false },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  }).formatToParts(now)
  const value = (type: string) => Number(parts.find(part => part.type === type)?.value) || 0
  const sinceMs = (((value('hour') % 24) * 60 + value('minute')) * 60 + value('second')) * 1_000
  return now - sinceMs - (now % 1_000)
}

/**
 * The moment of a local time, as a field of type `datetime-local` sends it. A time that a clock change skips is moved by it.
 *
 * @param local `YYYY-MM-DDTHH:MM`
 * @returns undefined if it is malformed
 */
export function momentOf(local: string, zone = 'UTC'): Date | undefined {
  const asUtc = Date.parse(`${local}Z`)
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(local) || Number.isNaN(asUtc)) return undefined
  // The zone's offset depends on the moment. The first guess is within a day of it.
  const guess = asUtc - offsetAt(asUtc, zone)
  return new Date(asUtc - offsetAt(guess, zone))
}

/** How far the zone's clock is ahead of UTC, ms. */
function offsetAt(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en', {
    ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  }).formatToParts(at)
  const [year, month, day, hour, minute, second] = (
    ['year', 'month', 'day', 'hour', 'minute', 'second'] as const
  ).map(type => Number(parts.find(part => part.type === type)?.value))
  return Date.UTC(year!, month! - 1, day, hour, minute, second) - Math.floor(at / 1_000) * 1_000
}
