import { counted } from '../../lib/plural.js'

/** Kinds of faults of a journal or its log. */
export type LogFaultKind =
  | 'event-changed'
  | 'event-missing'
  | 'event-inserted'
  /** Events that have been in the database for over a minute without a leaf. */
  | 'event-unlogged'
  | 'order-changed'
  /** The time of an event, or of its insertion, contradicts the events around it. */
  | 'event-misdated'
  | 'personal-changed'
  | 'tile-forged'
  | 'checkpoint-forged'
  | 'checkpoint-missing'
  /** A checkpoint signed by a key of the log that was not in force at its size. */
  | 'key-not-in-force'
  /** A rotation of the log's key that is invalid, or contradicts the log. */
  | 'rotation-forged'
  /** The log's key was rotated without an event. */
  | 'rotation-missing'
  | 'cosignature-forged'
  | 'rolled-back'
  | 'forked'
  | 'log-missing'

export interface LogFault {
  kind: LogFaultKind
  what: string
  /** `event 17`, `tile/0/003`, `log_checkpoint 512`, `checkpoints.txt 512`. */
  where: string
}

/** Most listed faults. More are only counted, because a rewritten journal may differ in every event. */
const MAX_LISTED = 1_000

/** Collects faults. Lists the first `MAX_LISTED` and counts the rest. */
export class Faults {
  readonly list: LogFault[] = []
  #more = 0

  add(kind: LogFaultKind, where: string, what: string): void {
    if (this.list.length < MAX_LISTED) this.list.push({ kind, what, where })
    else this.#more++
  }

  addAll(others: Faults): void {
    for (const { kind, where, what } of others.list) this.add(kind, where, what)
    this.#more += others.#more
  }

  /** Returns the listed faults, and one more that counts the others. */
  all(): LogFault[] {
    const last = this.list.at(-1)
    return this.#more === 0 || !last
      ? this.list
      : [
          ...this.list,
          {
            kind: last.kind,
            what: `and ${counted(this.#more, 'further fault', 'further faults')}`,
            where: 'the journal',
          },
        ]
  }
}
