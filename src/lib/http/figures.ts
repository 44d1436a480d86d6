/** The parts of the service whose numbers `/healthz` shows. */
export interface CountedParts {
  calls: { readonly size: number; readonly around: { readonly remembered: number } }
  telephony: { readonly counters: Readonly<Record<string, number>>; readonly remembered: number }
  journalLog: { readonly state: { readonly size: number } }
  journal: {
    readonly waiting: number
    readonly spooled: number
    readonly counts: { readonly dropped: number }
  }
}

/** The numbers of `/healthz`. */
export const figuresOf = ({ calls, telephony, journalLog, journal }: CountedParts) => ({
  calls: calls.size,
  remembered: calls.around.remembered + telephony.remembered,
  ...telephony.counters,
  logged: journalLog.state.size,
  waiting: journal.waiting,
  spooled: journal.spooled,
  dropped: journal.counts.dropped,
})
