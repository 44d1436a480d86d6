import { AppError } from '../core/errors.js'
import type { CallEvent } from '../core/events.js'
import type { DurableEventSink } from '../core/ports.js'

/**
 * Events of one recording that must become durable. An event that the journal has lost is kept and noted again later.
 * It is the same event, and the journal takes each event once.
 */
export class DurableNotes {
  readonly #journal: Pick<DurableEventSink, 'noteDurably'>
  readonly #pending = new Map<CallEvent, Promise<void>>()
  readonly #lost = new Set<CallEvent>()

  constructor(journal: Pick<DurableEventSink, 'noteDurably'>) {
    this.#journal = journal
  }

  /** Notes an event. Resolves once it is durable or lost. Never rejects. */
  note(event: CallEvent): Promise<void> {
    this.#lost.delete(event)
    const noted = this.#journal
      .noteDurably(event)
      .catch(() => void this.#lost.add(event))
      .then(() => void this.#pending.delete(event))
    this.#pending.set(event, noted)
    return noted
  }

  /** Notes the lost events again. */
  noteLost(): void {
    for (const event of [...this.#lost]) void this.note(event)
  }

  /**
   * Notes the lost events again. Resolves once all events so far are durable.
   * @throws AppError `journal.unwritten` if one of them is lost
   */
  async durable(): Promise<void> {
    this.noteLost()
    await Promise.all(this.#pending.values())
    if (this.#lost.size > 0)
      throw new AppError('journal.unwritten', 'The journal has lost events of a recording', {
        retryable: true,
      })
  }
}
