import type { BehindLocal, ShownChannel } from '../call/ports.js'
import { otherHalf } from '../core/endpoint.js'
import { isChannel } from './ari-events.js'
import type { AriTransport } from './transport/ari-transport.js'
import { dialplanOf, type ListedChannel } from './whereabouts.js'

/** Names that may stand in a function of the dialplan. */
const SAFE_NAME = /^Local\/[\w.+*#@-]+;[12]$/

/**
 * Reads the other half of a `Local` channel, which the dialplan runs.
 *
 * @param channelId of one half
 * @param name of that half
 * @param subscribe subscribes to the events of a channel. Called before the read, so that later changes are reported
 * @throws AppError `pbx.*`
 */
export async function lookBehind(
  ari: AriTransport,
  channelId: string,
  name: string,
  subscribe: (half: BehindLocal['half']) => Promise<void>,
): Promise<BehindLocal | undefined> {
  const other = otherHalf(name) ?? ''
  if (!SAFE_NAME.test(other)) return undefined
  const variableOf = (channel: string) => async (variable: string) => {
    const answer = await ari.request('channels', 'getChannelVar', { channelId: channel, variable })
    return (answer as { value?: unknown } | undefined)?.value
  }
  const half = await variableOf(channelId)(`IMPORT(${other},CHANNEL(uniqueid))`)
  if (!isChannel(half)) return undefined
  await subscribe(half)
  const listed = await ari.request('channels', 'get', { channelId: half })
  const { app_name, app_data } = await dialplanOf(listed as ListedChannel, variableOf(half))
  return { half, dials: app_name === 'Dial' ? dialledBy(app_data ?? '') : [] }
}

/**
 * The endpoints that a `Dial` dials.
 *
 * @param data its arguments, such as `PJSIP/anna/sip:anna@10.0.0.1&PJSIP/4930123@carrier,30,t`
 * @returns a channel of each endpoint, with a made-up number
 */
export function dialledBy(data: string): ShownChannel[] {
  const [destinations = ''] = data.split(',')
  return destinations
    .split('&')
    .filter(one => one !== '')
    .map(one => {
      const [technology = '', resource = ''] = one.split('/')
      const endpoint = resource.slice(resource.lastIndexOf('@') + 1)
      return { name: technology === 'Local' ? one : `${technology}/${endpoint}-0` }
    })
}
