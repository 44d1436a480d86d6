import { event } from '../shared/events.js'
import type { CallId, ChannelId } from '../shared/ids.js'
import type { CallDeps } from './running-call.js'

/** A caller whom the keeper sent on in our place. */
export interface Rescue {
  channel: string
  /** ms since the epoch */
  at: number
  reason: 'service-frozen' | 'service-gone'
}

/** How long the news of a caller's arrival may lag behind that of the rescue, ms: they come by different sockets. */
const ARRIVAL_LAG_MS = 2_000

/** Journals a rescue with its call; with none if no service ever heard of the caller. */
export function noteRescue(
  { channel, at, reason }: Rescue,
  idOf: (channel: ChannelId) => CallId | undefined,
  { journal, clock }: Pick<CallDeps, 'journal' | 'clock'>,
): void {
  const note = (call: CallId | null) =>
    journal.note(event('call.rescued', call, at, { by: 'keeper', reason, channel }))
  const known = idOf(channel as ChannelId)
  if (known) note(known)
  else clock.after(ARRIVAL_LAG_MS, () => note(idOf(channel as ChannelId) ?? null))
}
