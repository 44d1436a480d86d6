import { AppError } from '../core/errors.js'
import type { ChannelId } from '../core/ids.js'
import { askDialplan } from './ask-dialplan.js'
import { hangUpOwn, makeOwn } from './own-channels.js'
import { ownApplication } from './own-connection.js'
import { newQueryChannel } from './query-channel.js'
import { type AriAccess, connectAri } from './transport/ari-transport.js'

/** How long a probe call may ring, s. The service answers within milliseconds. */
const RING_S = 15
/** How long the probe's caller presses a key, ms: as long as a quick press by a person. */
const KEY_MS = 120

/** A call to a line that Consentry places itself. */
export interface ProbeRequest {
  /** Id of the channel in the dialplan and the service. */
  channel: ChannelId
  /** Number of the line: the extension to call. */
  line: string
  /** The context of the extension. */
  context: string
}

/** A probe call under way, from its caller's side. */
export interface PlacedProbe {
  /** Whether either side has ended the call. */
  readonly ended: boolean
  /** Presses keys one after another. @throws AppError `pbx.*` */
  press(keys: string): Promise<void>
  /** Makes a sound until the end of the call. @throws AppError `pbx.*` */
  speak(): Promise<void>
  /** Hangs up, and closes the connection to the PBX. Never fails. May be called again. */
  hangUp(): Promise<void>
}

/**
 * Places a probe call, over a connection and an ARI application of its own. Two channels talk to each other: one runs
 * the dialplan like a caller's channel, the other is the caller's phone.
 *
 * @returns once the PBX has begun the call
 * @throws AppError `pbx.*`; `pbx.refused` also if the dialplan has no such extension
 */
export async function placeProbe(
  access: AriAccess & { app: string },
  { channel, line, context }: ProbeRequest,
): Promise<PlacedProbe> {
  const ari = await connectAri(access)
  const app = ownApplication(access.app)
  const phone = newQueryChannel()
  let ended = false
  const close = await ari.listen(app, {
    event({ type, channel }) {
      const { id } = (channel ?? {}) as { id?: unknown }
      if (id === phone && (type === 'ChannelDestroyed' || type === 'StasisEnd')) ended = true
    },
    garbled() {},
    closed() {
      ended = true
    },
  })
  const hangUp = async () => {
    ended = true
    await hangUpOwn(ari, [phone, channel])
    close()
  }
  try {
    const [exists] = await askDialplan(ari, app, [`DIALPLAN_EXISTS(${context},${line},1)`])
    if (exists === '0') throw unreachable(line, context)
    await makeOwn(ari, [phone, channel], 'channels', 'originate', {
      ...{ endpoint: `Local/${line}@${context}/n`, app, appArgs: 'probe', timeout: RING_S },
      ...{ channelId: phone, otherChannelId: channel },
    })
  } catch (error) {
    await hangUp()
    throw error
  }
  return {
    get ended() {
      return ended
    },
    async press(keys) {
      await ari.request('channels', 'sendDTMF', { channelId: phone, dtmf: keys, duration: KEY_MS })
    },
    async speak() {
      await ari.request('channels', 'play', { channelId: phone, media: 'tone:1004' })
    },
    hangUp,
  }
}

const unreachable = (line: string, context: string): AppError =>
  new AppError(
    'pbx.refused',
    `The dialplan has no ${line} in ${context}: include the asterisk/consentry.conf of this version and reload the dialplan, or see CONSENTRY_PROBE_CONTEXT.`,
  )
