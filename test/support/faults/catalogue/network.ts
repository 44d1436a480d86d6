import type { NetworkProxy } from '../../lab/network-proxy.js'
import type { FaultSite } from '../fault-site.js'
import type { Heal } from './fault.js'

/** The connections that a network fault strikes. */
type Connections = 'pbxNet' | 'databaseNet'

/** Restores the connections, and waits until everything works. */
const restoring = (site: FaultSite, connections: Connections) => async (): Promise<void> => {
  site[connections].restore()
  await site.waitUntilWorking()
}

/** Closes the connections, or those for ARI events, and refuses new ones. */
export const cut =
  (connections: Connections, what: Parameters<NetworkProxy['cut']>[0] = 'everything') =>
  async (site: FaultSite): Promise<Heal> => {
    site[connections].cut(what)
    return restoring(site, connections)
  }

/** Stops all data. The connections stay open. */
export const stall =
  (connections: Connections) =>
  async (site: FaultSite): Promise<Heal> => {
    site[connections].stall()
    return restoring(site, connections)
  }
