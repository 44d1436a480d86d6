import { codeOf } from '../shared/errors.js'
import type { PbxFacts } from '../shared/pbx-facts.js'
import { newLookChannel } from './look-channel.js'
import type { AriTransport } from './transport/ari-transport.js'

/** What consentry.conf has: where it takes a call, and where it goes on with a decided one. */
const PLACES = ['consentry,s,1', 'consentry-purposes,s,1', 'consentry-trial,s,1']
/** A version as a PBX names it. */
const VERSION = /^[\w.~+-]{1,40}$/

/** What a PBX that is connected says of itself. */
export async function inspectPbx(
  ari: AriTransport,
  app: string,
): Promise<Pick<PbxFacts, 'version' | 'registered' | 'included'>> {
  const [version, registered, included] = await Promise.all([
    versionOf(ari).catch(() => null),
    isRegistered(ari, app),
    hasPlaces(ari, app).catch(() => null),
  ])
  return { version, registered, included }
}

async function versionOf(ari: AriTransport): Promise<string | null> {
  const info = await ari.request('asterisk', 'getInfo', { only: 'system' })
  const version = (info as { system?: { version?: unknown } } | undefined)?.system?.version
  return typeof version === 'string' && VERSION.test(version) ? version : null
}

async function isRegistered(ari: AriTransport, applicationName: string): Promise<boolean | null> {
  try {
    await ari.request('applications', 'get', { applicationName })
    return true
  } catch (error) {
    return codeOf(error) === 'pbx.gone' ? false : null
  }
}

/**
 * Whether the dialplan has all places of consentry.conf. Only a channel can be asked for that, so one is made that dials nobody, and is
 * removed again.
 */
async function hasPlaces(ari: AriTransport, app: string): Promise<boolean | null> {
  const id = newLookChannel()
  await ari.request('channels', 'create', {
    ...{ endpoint: 'Local/s@consentry/n', app, appArgs: 'look' },
    ...{ channelId: id, otherChannelId: `${id}-other` },
  })
  try {
    const answers = await Promise.all(
      PLACES.map(place =>
        ari.request('channels', 'getChannelVar', { channelId: id, variable: `DIALPLAN_EXISTS(${place})` }),
      ),
    )
    const values = answers.map(answer => (answer as { value?: unknown } | undefined)?.value)
    if (values.some(value => value === '0')) return false
    return values.every(value => value === '1') ? true : null
  } finally {
    await ari.request('channels', 'hangup', { channelId: id }).catch(() => undefined)
  }
}
