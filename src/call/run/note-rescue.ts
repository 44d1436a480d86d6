import type { Clock } from '../../core/clock.js'
import { event } from '../../core/events.js'
import type { CallId, ChannelId } from '../../core/ids.js'
import type { DurableEventSink } from '../ports.js'

/** A caller whom the keeper returned to the dialplan. */
export interface Rescue {
  channel: string
  /** ms since the epoch */
  at: number
  reason: 'service-frozen' | 'service-gone'
}

/** The caller's arrival may be reported this much later than the rescue, ms. They come over different sockets. */
const ARRIVAL_LAG_MS = 2_000

/** Journals a rescue with its call, or without one if this service learns of no arrival within 2 s. */
export function noteRescue(
  { channel, at, reason }: Rescue,
  idOf: (channel: ChannelId) => CallId | undefined,
  { journal, clock }: { journal: Pick<DurableEventSink, 'note'>; clock: Pick<Clock, 'after'> },
): void {
  const note = (call: CallId | null) =>
    journal.note(event('call.rescued', call, at, { by: 'keeper', reason, channel }))
  const known = idOf(channel as ChannelId)
  if (known) note(known)
  else clock.after(ARRIVAL_LAG_MS, () => note(idOf(channel as ChannelId) ?? null))
}
