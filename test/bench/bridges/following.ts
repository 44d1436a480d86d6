import type { Pbx } from '../../../lab/pbx.js'
import { bridgesAppOf } from '../../../src/asterisk/bridge-watch.js'
import { askAri } from './ask-ari.js'

/** By this name Asterisk lists a subscription to all bridges, and ends it. */
const ALL_BRIDGES = '__AST_BRIDGE_ALL_TOPIC'

/** Subscribes the second application of the service to all bridges, as the service does, or ends that. */
export async function setFollowing(pbx: Pbx, follow: boolean): Promise<void> {
  const app = bridgesAppOf(pbx.ari.app)
  const source = follow ? 'bridge:' : `bridge:${ALL_BRIDGES}`
  await askAri(pbx, follow ? 'POST' : 'DELETE', `${app}/subscription?eventSource=${source}`)
  const said = await askAri(pbx, 'GET', app)
  if (said?.bridge_ids?.includes(ALL_BRIDGES) !== follow)
    throw new Error('the PBX does not change the subscription of bridges')
}
