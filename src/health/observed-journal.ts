import type { CallEvent } from '../shared/events.js'
import type { DurableEventSink } from '../shared/ports.js'

/** The same journal, with somebody who sees what enters it: what is committed, and what is noted. */
export const observedJournal = (
  journal: DurableEventSink,
  saw: (event: CallEvent) => void,
): DurableEventSink => ({
  async append(events, timeoutMs) {
    await journal.append(events, timeoutMs)
    events.forEach(saw)
  },
  note(...events) {
    journal.note(...events)
    events.forEach(saw)
  },
  noteDurably(event) {
    saw(event)
    return journal.noteDurably(event)
  },
})
