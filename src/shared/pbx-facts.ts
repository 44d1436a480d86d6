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
}
