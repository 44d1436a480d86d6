import type { CallEvent } from '../shared/events.js'
import type { DurableEventSink } from '../shared/ports.js'

/** Wraps a journal. `onEvent` gets each event that is committed by `append`, or noted. */
export const observedJournal = (
  journal: DurableEventSink,
  onEvent: (event: CallEvent) => void,
): DurableEventSink => ({
  async append(events, timeoutMs) {
    await journal.append(events, timeoutMs)
    events.forEach(onEvent)
  },
  note(...events) {
    journal.note(...events)
    events.forEach(onEvent)
  },
  noteDurably(event) {
    onEvent(event)
    return journal.noteDurably(event)
  },
})
