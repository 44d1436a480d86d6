import { randomUUID } from 'node:crypto'
import { basename, dirname } from 'node:path'
import { codeOf } from '../core/errors.js'
import type { PbxExamination } from '../core/pbx-facts.js'
import { examinePbx } from './inspect-pbx.js'
import { hangUpOwn, makeOwn } from './own-channels.js'
import { openPhoneOfProbe, type PhoneOfProbe } from './phone-of-probe.js'
import { newQueryChannel } from './query-channel.js'
import { type AriAccess, type AriTransport, connectAri } from './transport/ari-transport.js'
import { watchEntry } from './watch-entry.js'

const ignoreEvents = { event() {}, garbled() {}, closed() {} }

/** Name of an ARI application that no other process uses. */
export const ownApplication = (app: string): string => `${app}-check-${randomUUID().slice(0, 8)}`

/**
 * Asks a PBX for everything that checks need, over a connection and an ARI application of its own, so that services are
 * not disturbed.
 *
 * @throws AppError `pbx.*`; the message of `pbx.unavailable` names the setting at fault
 */
export async function examineByOwnConnection(access: AriAccess & { app: string }): Promise<PbxExamination> {
  const ari = await connectAri(access)
  const through = ownApplication(access.app)
  const close = await ari.listen(through, ignoreEvents)
  try {
    return await examinePbx(ari, { url: access.url, app: access.app, through })
  } finally {
    close()
  }
}

/** As `startProbe`, over a connection of its own. @throws AppError `pbx.*` */
export async function startProbeByOwnConnection(
  access: AriAccess & { app: string },
  tap: string,
): Promise<boolean> {
  const ari = await connectAri(access)
  const through = ownApplication(access.app)
  return (await startProbe(ari, { app: access.app, through, tap })) === 'started'
}

/** As `openPhoneOfProbe`, over a connection of its own. @throws AppError `pbx.*` */
export async function openPhoneByOwnConnection(
  access: AriAccess & { app: string },
  tap: string,
): Promise<PhoneOfProbe> {
  const { url, app } = access
  return openPhoneOfProbe(await connectAri(access), { url, app, through: ownApplication(app), tap })
}

/** How long the two channels of a probe may take to answer, s. They take 20 ms. */
const ANSWER_SECONDS = 5
/** How long the tone is played, ms. A second of it fills no block, and all of it is written when the channel ends. */
const TONE_MS = 600

/** Result of a probe. `not-started`: the dialplan found no pipes in the folder. */
type ProbeStart = 'started' | 'not-started'

/**
 * Has Asterisk write a tone into a pair of pipes, by the lines of consentry.conf that start the tap of a call. Two
 * channels talk to each other, and no phone rings. The reader of the pipes gets the tone.
 *
 * @param app the ARI application of the service
 * @param through an ARI application that no other process uses; this opens it
 * @param tap common prefix of the pipes
 * @returns once the channels have ended
 * @throws AppError `pbx.*` if the PBX does not execute the probe
 */
async function startProbe(
  ari: AriTransport,
  { app, through, tap }: { app: string; through: string; tap: string },
): Promise<ProbeStart> {
  const id = newQueryChannel()
  const other = `${id}-other`
  const { entered, close } = await watchEntry(ari, through, id)
  try {
    await ari.request('asterisk', 'setGlobalVar', {
      // Calls read another variable, because their folder may be another one.
      variable: `CONSENTRY_TAP_DIR_${app}_probe`,
      value: dirname(tap),
    })
    await makeOwn(ari, [id, other], 'channels', 'originate', {
      ...{ endpoint: `Local/${basename(tap)}@consentry-probe/n`, app: through, appArgs: 'probe' },
      ...{ channelId: id, otherChannelId: other, timeout: ANSWER_SECONDS },
    })
    await entered()
    // Without MixMonitor the dialplan has ended the channels by now.
    await ari.request('channels', 'play', { channelId: id, media: 'tone:1004' }).catch(ignoreGone)
    await new Promise(resolve => setTimeout(resolve, TONE_MS))
    return (await tapOf(ari, other)) === tap ? 'started' : 'not-started'
  } finally {
    await hangUpOwn(ari, [id, other])
    close()
  }
}

/**
 * The tap that the dialplan started for a channel. Undefined if the dialplan has ended the channel, as it does without
 * MixMonitor.
 */
async function tapOf(ari: AriTransport, channelId: string): Promise<unknown> {
  const asked = ari.request('channels', 'getChannelVar', { channelId, variable: 'CONSENTRY_TAP' })
  const answer = await asked.catch(ignoreGone)
  return (answer as { value?: unknown } | undefined)?.value
}

/** @throws an error that does not mean that the channel has ended */
function ignoreGone(error: unknown): undefined {
  if (codeOf(error) !== 'pbx.gone') throw error
}
