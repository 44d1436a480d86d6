import type { AriAccess, KeeperSettings } from '../keeper/protocol.js'

/** How a service comes to its keeper. */
export interface KeeperAccess extends KeeperSettings {
  ari: AriAccess
  /** The keeper has a unit of its own. The service starts none: it uses the one that listens at `socket`. */
  hasUnit?: boolean
  /** How long the unit may take to start it, ms. Default: 15 s. */
  unitTimeoutMs?: number
}

/** As `KeeperAccess`, of a running service. */
export interface KnownAccess extends KeeperAccess {
  /** Id by which the keeper knows the service again. */
  service: string
}
