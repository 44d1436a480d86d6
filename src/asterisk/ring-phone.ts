import { AppError } from '../core/errors.js'
import type { ChannelId } from '../core/ids.js'
import type { AriTransport } from './transport/ari-transport.js'

/** The place of consentry.conf that hands an answered phone to our application, and hangs it up when it comes back. */
const PLACE = { context: 'consentry-trial', extension: 's', priority: 1 }

/** A phone to ring. */
interface Ringing {
  channel: ChannelId
  endpoint: string
  line: string
  seconds: number
}

/**
 * Rings a phone, see `RingingPbx`. Its channel enters our application through the dialplan, so that every return to the
 * dialplan, such as by a rescue, leads to the hangup there.
 *
 * @throws AppError `pbx.*`
 */
export async function ringPhone(
  ari: AriTransport,
  app: string,
  { channel, endpoint, line, seconds }: Ringing,
): Promise<void> {
  await ari.request('channels', 'originateWithId', {
    ...{ channelId: channel, endpoint, ...PLACE, timeout: seconds },
    callerId: `"Consentry ${line}" <${line}>`,
  })
  try {
    // Without this, the PBX would report the channel only while it is in our application.
    await ari.request('applications', 'subscribe', {
      applicationName: app,
      eventSource: `channel:${channel}`,
    })
    await requirePlace(ari, channel)
  } catch (error) {
    await ari.request('channels', 'hangup', { channelId: channel }).catch(() => undefined)
    throw error
  }
}

/**
 * Refuses a phone that could not enter our application. The dialplan can only be asked through a channel, so the phone
 * rings already.
 *
 * @throws AppError `ring.refused`
 */
async function requirePlace(ari: AriTransport, channelId: ChannelId): Promise<void> {
  const { context, extension, priority } = PLACE
  const variable = `DIALPLAN_EXISTS(${context},${extension},${priority})`
  const reply = await ari.request('channels', 'getChannelVar', { channelId, variable }).catch(() => undefined)
  if ((reply as { value?: unknown } | undefined)?.value === '0')
    throw new AppError(
      'ring.refused',
      'The dialplan of the PBX has no consentry-trial: include the asterisk/consentry.conf of this version, and reload the dialplan.',
    )
}
