import type { Whereabouts } from '../call/ports.js'
import type { ChannelId } from '../shared/ids.js'
import { isWhisperChannel } from './ari-whisper.js'

/** A channel as ARI lists it; of an older PBX without what the dialplan is doing. */
export interface ListedChannel {
  id: ChannelId
  caller?: { number?: string }
  dialplan?: { app_name?: string; app_data?: string }
}

/** Whether the dialplan runs `Stasis(APP,…)`. Only then an order to leave Stasis does not affect another application. */
export const runsOurStasis = (dialplan: ListedChannel['dialplan'], app: string): boolean =>
  dialplan?.app_name === 'Stasis' && (dialplan.app_data ?? '').split(',')[0] === app

/**
 * What the dialplan runs for a channel. An older PBX does not list this; then it is read from variables of the channel.
 *
 * @param variable reads a variable of the channel
 */
export async function dialplanOf(
  { dialplan }: ListedChannel,
  variable: (name: string) => Promise<unknown>,
): Promise<NonNullable<ListedChannel['dialplan']>> {
  if (dialplan?.app_name !== undefined) return dialplan
  const [name, data] = [await variable('CHANNEL(appname)'), await variable('CHANNEL(appdata)')]
  return { app_name: String(name), app_data: String(data) }
}

/**
 * Where a channel is, by what runs for it in the dialplan: `Stasis(APP,number)` while it is in our hands.
 *
 * @param ownChannels channels that are in our application or watched by it
 */
export function whereaboutsOf(
  { id, caller, dialplan }: ListedChannel,
  app: string,
  ownChannels: ReadonlySet<string>,
): Whereabouts {
  // First of all: Asterisk 22 lists a voice like a caller who came in, in our application and without a number.
  if (isWhisperChannel(id)) return { in: ownChannels.has(id) ? 'whisper' : 'dialplan' }
  if (runsOurStasis(dialplan, app)) {
    const [, number = ''] = (dialplan?.app_data ?? '').split(',')
    return { in: 'app', number, caller: caller?.number ?? '' }
  }
  if (!ownChannels.has(id)) return { in: 'dialplan' }
  return { in: dialplan?.app_name === undefined ? 'unknown' : 'dialplan' }
}
