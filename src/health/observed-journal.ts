import type { CallEvent } from '../shared/events.js'
import type { LastingSink } from '../shared/ports.js'

/** The same journal, with somebody who sees what enters it: what is committed, and what is noted. */
export const observed = (journal: LastingSink, saw: (event: CallEvent) => void): LastingSink => ({
  async append(events, timeoutMs) {
    await journal.append(events, timeoutMs)
    events.forEach(saw)
  },
  note(...events) {
    journal.note(...events)
    events.forEach(saw)
  },
  keep(event) {
    saw(event)
    return journal.keep(event)
  },
})
