import { hangUpOwn, makeOwn } from './own-channels.js'
import { newQueryChannel } from './query-channel.js'
import type { AriTransport } from './transport/ari-transport.js'

/**
 * Asks the dialplan for values of variables and functions. Only a channel can be asked, so one is made that dials no
 * phone, and is removed afterwards.
 *
 * @param app an ARI application that a process is connected to
 * @param names as the dialplan writes them between `${` and `}`
 * @returns a value for each name; undefined where the PBX gives none
 * @throws AppError `pbx.*` if no channel can be made
 */
export async function askDialplan(
  ari: AriTransport,
  app: string,
  names: readonly string[],
): Promise<(string | undefined)[]> {
  const id = newQueryChannel()
  await makeOwn(ari, [id], 'channels', 'create', {
    ...{ endpoint: 'Local/s@consentry/n', app, appArgs: 'query' },
    ...{ channelId: id, otherChannelId: `${id}-other` },
  })
  try {
    return await Promise.all(names.map(name => ask(ari, id, name)))
  } finally {
    await hangUpOwn(ari, [id])
  }
}

async function ask(ari: AriTransport, channelId: string, variable: string): Promise<string | undefined> {
  const answer = await ari
    .request('channels', 'getChannelVar', { channelId, variable })
    .catch(() => undefined)
  const value = (answer as { value?: unknown } | undefined)?.value
  return typeof value === 'string' ? value : undefined
}
