// Fake: what hears a caller.
import type { Ear, EarEvent } from '../../../src/call/ports.js'
import type { HearingTerms } from '../../../src/core/speech.js'

/** A hearing that was asked for, as a test moves it. */
export interface AskedHearing {
  channel: string
  terms: HearingTerms
  /** What the caller did with it, in order: `prompt-ended`, `closed`. */
  readonly told: string[]
  open(): void
  refuse(error: Error): void
  say(event: EarEvent): void
}

/** An ear that opens, or fails to, when a test says so. */
export function fakeEar(): Ear & { hearings: AskedHearing[] } {
  const hearings: AskedHearing[] = []
  return {
    hearings,
    open: (channel, terms, onEvent) =>
      new Promise((resolve, reject) => {
        const told: string[] = []
        const hearing = {
          promptEnded: () => void told.push('prompt-ended'),
          close: () => void told.push('closed'),
        }
        hearings.push({
          ...{ channel: channel.id, terms, told, refuse: reject, say: onEvent },
          open: () => resolve(hearing),
        })
      }),
  }
}
