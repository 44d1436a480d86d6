import type { DialplanUses, Spying, SpyMode } from '../call/ports.js'
import { otherHalf } from '../core/endpoint.js'
import type { ChannelId } from '../core/ids.js'
import { shownOf } from './ari-events.js'
import { readBridge } from './bridge-events.js'
import type { AriTransport } from './transport/ari-transport.js'
import { dialplanOf, type ListedChannel } from './whereabouts.js'

/**
 * Most channels whose application an older PBX is asked for in one comparison, and how many at once. Each request costs
 * the PBX some ms.
 */
const [MOST_ASKED, ASKED_AT_ONCE] = [200, 8]

/**
 * Lists the channels that spy on others and those in a mailbox, by what the dialplan runs. The PBX reports neither by
 * events. An older PBX does not list applications, so it is asked for those of channels outside bridges.
 *
 * @throws AppError `pbx.*`
 */
export async function listDialplanUses(ari: AriTransport): Promise<DialplanUses> {
  const listed = (await ari.request('channels', 'list', {})) as ListedChannel[]
  const isNew = listed.every(({ dialplan }) => dialplan?.app_name !== undefined)
  return usesIn(isNew ? listed : await withApplications(ari, listed))
}

/** @param all the channels of the PBX, with what the dialplan runs */
export function usesIn(all: readonly ListedChannel[]): DialplanUses {
  const inMailbox = all.filter(({ dialplan }) => dialplan?.app_name === 'VoiceMail').map(({ id }) => id)
  return { spies: all.flatMap(one => spyingOf(one, all)), inMailbox }
}

async function withApplications(
  ari: AriTransport,
  listed: readonly ListedChannel[],
): Promise<ListedChannel[]> {
  const bridges = (await ari.request('bridges', 'list', {})) as unknown[]
  const talking = new Set(bridges.flatMap(bridge => readBridge(bridge).channels))
  const found = new Map(listed.map(one => [one.id, one]))
  const asked = listed.filter(({ id }) => !talking.has(id)).slice(0, MOST_ASKED)
  const ask = async (): Promise<void> => {
    for (let one = asked.pop(); one; one = asked.pop()) {
      const { id } = one
      const variable = async (name: string) => {
        const reply = await ari.request('channels', 'getChannelVar', { channelId: id, variable: name })
        return (reply as { value?: unknown }).value
      }
      // A channel may end meanwhile.
      const dialplan = await dialplanOf(one, variable).catch(() => undefined)
      if (dialplan) found.set(id, { ...one, dialplan: { ...one.dialplan, ...dialplan } })
    }
  }
  await Promise.all(Array.from({ length: ASKED_AT_ONCE }, ask))
  return [...found.values()]
}

/** What `ChanSpy(PREFIX,OPTIONS)` or `ExtenSpy(EXTENSION,OPTIONS)` of a channel may hear; empty if it runs neither. */
function spyingOf(one: ListedChannel, all: readonly ListedChannel[]): Spying[] {
  const { app_name, app_data = '' } = one.dialplan ?? {}
  if (app_name !== 'ChanSpy' && app_name !== 'ExtenSpy') return []
  const [prefix = '', ...options] = app_data.split(',')
  const letters = options.join(',').replace(/\([^)]*\)?/g, '')
  const wanted = app_name === 'ChanSpy' ? prefix.trim().toLowerCase() : ''
  // Without a name, or by group or extension, the spy may hear any channel.
  const isHeard = ({ id, name = '' }: ListedChannel) =>
    wanted === '' || wanted === 'all' || id === wanted || name.toLowerCase().startsWith(wanted)
  const hears = all.filter(other => other.id !== one.id && isHeard(other)).map(({ id }) => id)
  const half = halfOf(one, all)
  return [{ channel: one.id, mode: modeOf(letters), hears, ...shownOf(one), ...(half && { half }) }]
}

function halfOf({ name = '' }: ListedChannel, all: readonly ListedChannel[]): ChannelId | undefined {
  const half = otherHalf(name)
  return half === undefined ? undefined : all.find(other => other.name === half)?.id
}

/** @param letters the options without their arguments */
function modeOf(letters: string): SpyMode {
  if (letters.includes('d')) return 'switched'
  if (letters.includes('B')) return 'barge'
  return /w/i.test(letters) ? 'whisper' : 'listen'
}
