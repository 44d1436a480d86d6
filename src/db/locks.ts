/**
 * Advisory locks of the database. The numbers are arbitrary, but for good: two versions of the service that run at the same
 * time must mean the same lock.
 */
export const LOCKS = {
  /** Held by whoever brings the schema up to date. */
  migration: 7_310_001,
  /**
   * Writers of the journal hold it, shared, from before they draw an id. A reader that must not skip an id waits for them to
   * end.
   */
  journal: 7_310_002,
  /** Held while a line's next version is made. */
  lines: 7_310_003,
  /** Held while the log over the journal is carried on, so that one service does it at a time. */
  log: 7_310_004,
  /** Shared while recordings are marked for destruction; exclusive while a hold is placed: one is before the other. */
  holds: 7_310_005,
  /** Held, on a connection of its own, by whoever purges. */
  purge: 7_310_006,
  /** Held, with the act as second number, on a connection of its own, by whoever works on an act of destruction. */
  acts: 7_310_007,
  /** Each running service holds it, with a hash of its id, on a connection of its own. */
  service: 7_310_008,
} as const
