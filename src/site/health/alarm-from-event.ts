import type { CallEvent } from '../../core/events.js'
import type { StorageAway } from '../../core/ports.js'
import type { Alarms } from './alarms.js'
import type { UnwritableStorage } from './unwritable-storage.js'

/** The alarm of a store or key store, by the reason in the recorder's events. */
const STORAGE_REASONS = [
  { reason: 'store.unwritable', alarm: 'store-unwritable', name: 'a store' },
  { reason: 'keys.unwritable', alarm: 'keys-unwritable', name: 'a key store' },
] as const

/**
 * Raises the alarm that belongs to a recording's event. It also notes a store or key store that cannot be written, so
 * that the gate sheds new calls. The checks clear both.
 */
export function raiseAlarmFromEvent(
  alarms: Alarms,
  storage: UnwritableStorage,
  { type, data }: CallEvent,
): void {
  if (type === 'recording.prepared') alarms.clear('key-missing', { purpose: data.purpose })
  if (type === 'recording.finished')
    raiseStorageAlarm(alarms, data.reason, 'did not take a recording to its end')
  if (type !== 'recording.failed') return
  const { reason, purpose, late } = data
  if (reason === 'key.missing' && purpose)
    alarms.raise({
      alarm: 'key-missing',
      purpose,
      detail: 'no key to record with: make one on /setup/key of the console, or see CONSENTRY_RECIPIENTS',
    })
  // The checks find whether the storage hangs or the machine is too busy.
  if (late) return
  const failed = raiseStorageAlarm(alarms, reason, 'did not take what a recording needs')
  if (failed && purpose) storage.noteAttempt(failed, purpose, false)
  if (reason === 'tap.unavailable' || reason === 'tap-lost')
    alarms.raise({ alarm: 'tap-unavailable', detail: `a recording had no pipes: ${reason}` })
}

/** Raises the alarm of the store or key store that failed. @returns that alarm; undefined for other reasons */
function raiseStorageAlarm(
  alarms: Alarms,
  reason: string | undefined,
  failure: string,
): StorageAway | undefined {
  const found = STORAGE_REASONS.find(place => place.reason === reason)
  if (found) alarms.raise({ alarm: found.alarm, detail: `${found.name} ${failure}` })
  return found?.alarm
}
