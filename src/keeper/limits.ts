/** All limits of the keeper. Tests make some of them smaller. */
export interface Limits {
  /** Bytes held per leg until acknowledged: 30 s of A-law, longer than a restart of the service. */
  heldBytes: number
  /**
   * Pairs made with one run of `mkfifo`. Each takes four descriptors. At 32 new calls a second, `mkfifo` runs once a
   * second.
   */
  batch: number
  /**
   * A service that answers no ping for this time is frozen, or its file operations hang, ms: six pings missed.
   */
  frozenMs: number
  /** Without a service for this time callers are rescued, ms. A restart takes about one second. */
  goneMs: number
  /**
   * Callers are rescued this time after the end of their service if the next service has greeted the keeper but
   * answered no ping, because its start hangs, ms. With one tick of the keeper it leaves the PBX one second of the 8 s
   * that a caller waits at most.
   */
  startMs: number
  /** Without a service and without pipes in use the keeper ends after this time, ms: long enough for an upgrade. */
  idleEndMs: number
  /**
   * Without a service the keeper ends after this time even if pipes are in use, ms. By then nearly all of their audio
   * is lost, and plaintext must not stay in memory for ever.
   */
  orphanEndMs: number
  /** How long the pipes of a dead keeper wait for a service to claim them, ms. */
  staleMs: number
}

export const defaultLimits: Limits = {
  heldBytes: 240_000,
  batch: 32,
  frozenMs: 3_000,
  goneMs: 5_000,
  startMs: 6_500,
  idleEndMs: 600_000,
  orphanEndMs: 3_600_000,
  staleMs: 5_000,
}
