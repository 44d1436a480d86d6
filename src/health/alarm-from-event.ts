import type { CallEvent } from '../shared/events.js'
import type { StorageAway } from '../shared/ports.js'
import type { Alarms } from './alarms.js'
import type { UnwritableStorage } from './storage-away.js'

/** The places that may take nothing, with the reason that the recorder gives. */
const PLACES = [
  { reason: 'store.unwritable', alarm: 'store-unwritable', name: 'a store' },
  { reason: 'keys.unwritable', alarm: 'keys-unwritable', name: 'a key store' },
] as const

/**
 * Raises the alarm that belongs to an event of a recording, and notes a place that takes nothing, so that new calls are not
 * asked. The checks clear both.
 */
export function raiseAlarmFromEvent(
  alarms: Alarms,
  away: UnwritableStorage,
  { type, data }: CallEvent,
): void {
  if (type === 'recording.prepared') alarms.clear('key-missing', { purpose: data.purpose })
  if (type === 'recording.finished') raisePlace(alarms, data.reason, 'did not take a recording to its end')
  if (type !== 'recording.failed') return
  const { reason, purpose } = data
  if (reason === 'key.missing' && purpose)
    alarms.raise({ alarm: 'key-missing', purpose, detail: 'no key to record with: see CONSENTRY_RECIPIENTS' })
  const place = raisePlace(alarms, reason, 'did not take what a recording needs')
  if (place && purpose) away.tried(place, purpose, false)
  if (reason === 'tap.unavailable' || reason === 'tap-lost')
    alarms.raise({ alarm: 'tap-unavailable', detail: `a recording had no pipes: ${reason}` })
}

/** Raises the alarm of the place that a recording failed by. @returns which it is; undefined if it is another reason */
function raisePlace(alarms: Alarms, reason: string | undefined, what: string): StorageAway | undefined {
  const found = PLACES.find(place => place.reason === reason)
  if (found) alarms.raise({ alarm: found.alarm, detail: `${found.name} ${what}` })
  return found?.alarm
}
