/** The service's facts about its PBX. Null: not known. */
export interface PbxFacts {
  /** Address of ARI (`ARI_URL`). */
  url: string
  /** The name of the ARI application, by `ARI_APP`. */
  app: string
  /** True while the service receives the PBX's events. */
  connected: boolean
  /** Why the service is not connected, and what to do. Null while it is. */
  reason: string | null
  /** As the PBX names it, such as `22.4.1`. */
  version: string | null
  /** True if the PBX knows the application. */
  registered: boolean | null
  /** True if the dialplan has the contexts of consentry.conf. */
  included: boolean | null
  /** True if these contexts are of this version. */
  current: boolean | null
}

/** Further facts for a check. Null: the PBX does not report it. */
export interface PbxExamination extends Omit<PbxFacts, 'connected' | 'reason'> {
  /** Names of the modules that run, such as `app_stasis.so`. */
  modules: readonly string[] | null
  /** True if the ARI user may change anything (`read_only = no`). */
  writable: boolean | null
  /** True if the PBX reports to it who joins a conversation. Null in any process other than the service. */
  followed: boolean | null
  /** Global variables of the dialplan. Empty if not set; null if the PBX does not report it. */
  globals: { CONSENTRY_APP: string | null; DIAL_OPTIONS: string | null; TRUNK_OPTIONS: string | null }
  /**
   * The keys by which a phone ends a call, if options of Dial allow it (`disconnect` in features.conf). Empty if there
   * are none.
   */
  disconnect: string | null
}

/**
 * The channel variable with which the dialplan marks a channel's participant as `inside` or `outside` the company.
 * Asterisk reports it for each channel if `channelvars` in ari.conf names it.
 */
export const PARTY_VARIABLE = 'CONSENTRY_PARTY'
