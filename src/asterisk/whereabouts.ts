import type { Whereabouts } from '../call/ports.js'
import type { ChannelId } from '../core/ids.js'
import { endpointForJournal, isTrialChannel } from '../core/trial.js'
import { partyOf, saidParty } from './ari-events.js'
import { isWhisperChannel } from './ari-whisper.js'
import { heardThrough, isEarChannel } from './ear-ids.js'
import { hangUpOwn, leftChannels } from './own-channels.js'
import type { AriTransport } from './transport/ari-transport.js'

/** A channel as ARI lists it. An older PBX does not list the running dialplan application. */
export interface ListedChannel {
  id: ChannelId
  name?: string
  caller?: { number?: string }
  creationtime?: string
  dialplan?: { app_name?: string; app_data?: string }
  /** The variables that ari.conf has shown. */
  channelvars?: unknown
}

/** The channels that are in an application or that it subscribed to. @throws AppError `pbx.*` */
export async function channelsOf(ari: AriTransport, applicationName: string): Promise<ChannelId[]> {
  const application = await ari.request('applications', 'get', { applicationName })
  return (application as { channel_ids: ChannelId[] }).channel_ids
}

/** Whether a channel may be a caller's: not a whisper, ear or trial of the service. */
export const mayBeCaller = (channel: ChannelId): boolean =>
  !isWhisperChannel(channel) && !isEarChannel(channel) && !isTrialChannel(channel)

/** Whether the dialplan runs our `Stasis(APP,…)`. Otherwise an order to leave Stasis could affect another application. */
export const runsOurStasis = (dialplan: ListedChannel['dialplan'], app: string): boolean =>
  dialplan?.app_name === 'Stasis' && (dialplan.app_data ?? '').split(',')[0] === app

/**
 * The dialplan application that runs for a channel. An older PBX does not list it, so it is read from variables of the
 * channel.
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
 * Whether the running dialplan application may have played music to the channel before it was connected. `Dial` plays
 * music with its option `m`; a ringing tone does not count. `Bridge` plays nothing.
 */
export function playsMusic(dialplan: ListedChannel['dialplan']): boolean {
  if (dialplan?.app_name === 'Bridge') return false
  if (dialplan?.app_name !== 'Dial') return true
  const [, , options = ''] = (dialplan.app_data ?? '').split(',')
  return options.replace(/\([^)]*\)?/g, '').includes('m')
}

/** The queue that the dialplan runs for a channel, as `Queue(name,…)` names it; null if it runs none. */
export function queueOf(dialplan: ListedChannel['dialplan']): string | null {
  if (dialplan?.app_name !== 'Queue') return null
  return endpointForJournal((dialplan.app_data ?? '').split(',')[0]!.trim())
}

/**
 * Where a channel is, by the running dialplan application. That is `Stasis(APP,number)` while the channel is in our
 * application.
 *
 * @param ownChannels channels that are in our application or that it subscribed to
 */
export function whereaboutsOf(
  listed: ListedChannel,
  app: string,
  ownChannels: ReadonlySet<string>,
): Whereabouts {
  const { id, name = '', caller, dialplan } = listed
  // These checks come first, because Asterisk 22 lists such channels like a caller in our application without a number.
  if (isWhisperChannel(id)) return { in: ownChannels.has(id) ? 'whisper' : 'dialplan' }
  const of = heardThrough(id)
  if (of !== undefined) return ownChannels.has(id) ? { in: 'ear', of } : { in: 'dialplan' }
  if (isTrialChannel(id))
    return { in: ownChannels.has(id) || runsOurStasis(dialplan, app) ? 'trial' : 'dialplan' }
  if (runsOurStasis(dialplan, app)) {
    const [, number = '', ...way] = (dialplan?.app_data ?? '').split(',')
    return { in: 'app', number, name, ...saidParty(listed), ...partyOf(way, caller?.number ?? '') }
  }
  if (!ownChannels.has(id)) return { in: 'dialplan' }
  return { in: dialplan?.app_name === undefined ? 'unknown' : 'dialplan' }
}

/**
 * Where all channels of the PBX are. Hangs up channels that an ended process of ours has left.
 * @throws AppError `pbx.*`
 */
export async function listWhereabouts(ari: AriTransport, app: string): Promise<Map<ChannelId, Whereabouts>> {
  const [all, own] = await Promise.all([ari.request('channels', 'list', {}), channelsOf(ari, app)])
  const isOwn = new Set<string>(own)
  const listed = all as ListedChannel[]
  void hangUpOwn(ari, leftChannels(listed))
  return new Map(listed.map(one => [one.id, whereaboutsOf(one, app, isOwn)]))
}
