/** Every bound of the keeper, in one place; tests make some of them smaller. */
export interface Limits {
  /** Bytes held per leg until acknowledged: 30 s of a-law, which outlasts a restart of the service. */
  heldBytes: number
  /** Pairs made with one `mkfifo`: four descriptors each, and at most one spawn a second at 32 new calls a second. */
  batch: number
  /**
   * A service that answers no ping for so long is frozen, or none of its file operations comes back, ms: three pings missed.
   */
  frozenMs: number
  /** No service for so long means that none is coming soon, ms: a restart takes about one second. */
  goneMs: number
  /** With no service and no pipe in use the keeper has no work and ends, ms: long enough for an upgrade. */
  idleEndMs: number
  /**
   * With no service it ends even if pipes are in use, ms: by then nearly all of what they carry is lost anyway,
   * and plaintext must not lie in memory for ever.
   */
  orphanEndMs: number
  /** Pipes of a keeper that died wait so long for a service to claim them, ms. */
  staleMs: number
}

export const defaultLimits: Limits = {
  heldBytes: 240_000,
  batch: 32,
  frozenMs: 3_000,
  goneMs: 5_000,
  idleEndMs: 600_000,
  orphanEndMs: 3_600_000,
  staleMs: 5_000,
}
