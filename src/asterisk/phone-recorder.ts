import { setTimeout as sleep } from 'node:timers/promises'
import type { PhoneRecorder } from '../call/ports.js'
import { AppError, codeOf } from '../core/errors.js'
import type { ChannelId } from '../core/ids.js'
import { requestOutgoing } from '../lib/process/outgoing.js'
import { authorizationOf, baseOf } from './transport/ari-request.js'
import type { AriAccess, AriTransport } from './transport/ari-transport.js'
import { findAri } from './transport/find-ari.js'

/** How long reading a recording may take, ms. A minute has 960 kB. */
const READ_MS = 10_000
/** Most bytes of a recording. */
const MAX_BYTES = 16_777_216
/** Number of attempts to remove a recording that may still be written, and the time between, ms. */
const REMOVALS = 5
const REMOVAL_INTERVAL_MS = 300

/** Prefix of the names of an application's recordings. Other applications on the same PBX use other names. */
const prefixOf = (app: string) => `${app}-prompt-`

/** Records one channel by ARI, into a file of the PBX that is removed afterwards. @param ari gives the current transport */
export function createPhoneRecorder(
  channelId: ChannelId,
  { app, ...access }: AriAccess & { app: string },
  ari: () => AriTransport,
): PhoneRecorder {
  const recordingName = `${prefixOf(app)}${channelId}`
  const send = async (resource: string, operation: string, args: object) => {
    await ari().request(resource, operation, args)
  }
  return {
    start: ({ maxSeconds, silenceSeconds }) =>
      send('channels', 'record', {
        ...{ channelId, name: recordingName, format: 'wav', ifExists: 'overwrite', terminateOn: '#' },
        ...{ maxDurationSeconds: maxSeconds, maxSilenceSeconds: silenceSeconds, beep: false },
      }),
    play: playbackId =>
      send('channels', 'playWithId', { channelId, playbackId, media: `recording:${recordingName}` }),
    read: () => readStored(access, recordingName),
    async remove() {
      await send('recordings', 'cancel', { recordingName }).catch(() => undefined)
      for (let tries = 0; tries < REMOVALS; tries += 1) {
        const failure = await send('recordings', 'deleteStored', { recordingName }).then(
          () => undefined,
          codeOf,
        )
        if (failure === undefined) return
        await sleep(REMOVAL_INTERVAL_MS)
      }
    },
  }
}

/**
 * Names of the recordings that an earlier service, or an earlier connection of this one, has left on the PBX. They are
 * read before any phone can ring, so none belongs to a phone that rings later: each name has its channel's id. Empty if
 * the PBX does not answer.
 */
export async function leftRecordings(ari: AriTransport, app: string): Promise<string[]> {
  const listed = await ari.request('recordings', 'listStored', {}).catch(() => undefined)
  const stored = (listed ?? []) as { name: string }[]
  return stored.map(({ name }) => name).filter(name => name.startsWith(prefixOf(app)))
}

/** Removes recordings one after another, each within 2 s. Recordings that the PBX does not remove stay. */
export async function removeRecordings(ari: AriTransport, names: readonly string[]): Promise<void> {
  for (const recordingName of names)
    await ari.request('recordings', 'deleteStored', { recordingName }).catch(() => undefined)
}

/** @throws AppError `pbx.refused`, `pbx.unavailable` */
async function readStored({ url, username, password }: AriAccess, name: string): Promise<Buffer> {
  const { origin } = await findAri(url, username, password, READ_MS)
  const endpoint = { origin, username, password }
  const path = `${baseOf(endpoint)}/recordings/stored/${encodeURIComponent(name)}/file`
  const answer = await requestOutgoing(path, {
    headers: { authorization: authorizationOf(endpoint) },
    ...{ ms: READ_MS, mostBytes: MAX_BYTES, inside: 'any' },
  }).catch(cause => {
    throw new AppError('pbx.unavailable', 'the PBX did not give its recording', { cause, retryable: true })
  })
  if (answer.status !== 200)
    throw new AppError('pbx.refused', `the PBX did not give its recording (${answer.status})`)
  return answer.body
}
