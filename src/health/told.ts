import type { CallEvent } from '../shared/events.js'
import type { Alarms } from './alarms.js'
import type { PlacesAway } from './places-away.js'

/**
 * Raises the alarm that belongs to an event of a recording, and notes a store that takes nothing, so that new calls are not
 * asked. The checks clear both.
 */
export function heed(alarms: Alarms, away: PlacesAway, { type, data }: CallEvent): void {
  if (type === 'recording.prepared') alarms.clear('key-missing', { purpose: data.purpose })
  if (type === 'recording.finished' && data.reason === 'store.unwritable')
    alarms.raise({ alarm: 'store-unwritable', detail: 'a store did not take a recording to its end' })
  if (type !== 'recording.failed') return
  const { reason, purpose } = data
  if (reason === 'key.missing' && purpose)
    alarms.raise({ alarm: 'key-missing', purpose, detail: 'no key to record with: see CONSENTRY_RECIPIENTS' })
  if (reason === 'store.unwritable') {
    alarms.raise({ alarm: 'store-unwritable', detail: 'a store did not take what a recording needs' })
    if (purpose) away.tried('store-unwritable', purpose, false)
  }
  if (reason === 'tap.unavailable' || reason === 'tap-lost')
    alarms.raise({ alarm: 'tap-unavailable', detail: `a recording had no pipes: ${reason}` })
}
