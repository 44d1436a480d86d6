import type { AriAccess, KeeperSettings } from '../../keeper/protocol.js'

/** How a service reaches its keeper. */
export interface KeeperAccess extends KeeperSettings {
  ari: AriAccess
  /**
   * True if a systemd unit starts the keeper. The service then starts none and uses the keeper that listens at
   * `socket`.
   */
  hasUnit?: boolean
  /** How long the unit may take to start the keeper, ms. Default: 15 s. */
  unitTimeoutMs?: number
}

/** As `KeeperAccess`, of a running service. */
export interface KnownAccess extends KeeperAccess {
  /** Id by which the keeper recognises the service when it connects again. */
  service: string
}
