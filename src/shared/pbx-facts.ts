/** What a service found at its PBX. Null: it could not be found out. */
export interface PbxFacts {
  /** Where ARI is, by `ARI_URL`. */
  url: string
  /** The name of the ARI application, by `ARI_APP`. */
  app: string
  /** Whether the service hears the PBX now. */
  connected: boolean
  /** Why the PBX is not heard, with what to do. Null while it is. */
  reason: string | null
  /** As the PBX names it, such as `22.4.1`. */
  version: string | null
  /** Whether the PBX knows the application. */
  registered: boolean | null
  /** Whether the dialplan has the contexts of consentry.conf. */
  included: boolean | null
  /** Whether these are the contexts of this version. */
  current: boolean | null
}

/** What a check asks a PBX beside. Null: the PBX does not say. */
export interface PbxExamination extends Omit<PbxFacts, 'connected' | 'reason'> {
  /** Names of the modules that run, such as `app_stasis.so`. */
  modules: readonly string[] | null
  /** Whether the ARI user may change anything (`read_only = no`). */
  writable: boolean | null
  /** Whether it reports who joins a conversation. Null for whoever is not the service. */
  followed: boolean | null
  /** Global variables of the dialplan. Empty if not set. */
  globals: { CONSENTRY_APP: string | null; DIAL_OPTIONS: string | null; TRUNK_OPTIONS: string | null }
  /** The keys by which a phone ends a call, where options of Dial allow it (`disconnect` in features.conf). Empty if there are none. */
  disconnect: string | null
}
