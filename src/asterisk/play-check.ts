import { randomUUID } from 'node:crypto'
import { systemClock } from '../core/clock.js'
import { AppError, codeOf } from '../core/errors.js'
import { withDeadline } from '../lib/deadline.js'
import { sleep } from '../lib/retry.js'
import { runningModules } from './inspect-pbx.js'
import { type AriAccess, type AriTransport, connectAri } from './transport/ari-transport.js'

/** A sound file for the PBX to play. */
export interface PlayedFile {
  /** Absolute path without extension. No other file may have the same path. */
  path: string
  /** Its extension, by which Asterisk knows its coding. */
  extension: string
  lengthMs: number
}

/** Only the end of a file is played, ms. A file that can be opened and sought to its end is whole. */
const PLAYED_MS = 200
/** Asterisk seeks as if every file had 8,000 samples a second. Offsets of files with 16,000 are doubled. */
const SEEK_FACTOR: Readonly<Record<string, number>> = { g722: 2, sln16: 2 }
/** How long all files of one prompt may take, ms. They take a second. */
const LIMIT_MS = 15_000
/**
 * Number of attempts for a file, and the time between, ms. A play order fails while the announcer of the previous file
 * leaves the bridge.
 */
const [TRIES, AGAIN_MS] = [5, 100]
/** How long the PBX may take for each step before it plays, ms. */
const READY_MS = 5_000

/**
 * What Asterisk needs to play each coding into an empty bridge: the file's format, and the translation to linear
 * samples. A PBX without one of these plays another coding to its callers.
 */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  alaw: ['format_pcm.so', 'codec_alaw.so'],
  ulaw: ['format_pcm.so', 'codec_ulaw.so'],
  g722: ['format_pcm.so', 'codec_g722.so'],
  sln: ['format_sln.so'],
  sln16: ['format_sln.so', 'codec_resample.so'],
}
/** Plays into a bridge without members. */
const PLAYER = 'chan_bridge_media.so'

/**
 * Makes a check that the PBX can open and play sound files. It plays them into an empty bridge, over a connection and
 * an ARI application of its own. It therefore needs no call, and works before the service takes calls.
 *
 * @returns a function that checks files. It resolves to false if this PBX lacks a module for the check. It rejects with
 *   AppError `prompt.damaged`, which names the first file that the PBX cannot play; `pbx.*` while the PBX is away
 */
export function playCheck(
  access: AriAccess & { app: string },
): (files: readonly PlayedFile[]) => Promise<boolean> {
  return files => check(access, files)
}

/** Waits until the PBX is ready to play. A PBX that is late counts as away. */
const ready = <T>(work: Promise<T>, onLate = (_: T) => {}): Promise<T> => {
  const error = () => new AppError('pbx.unavailable', 'the PBX does not answer', { retryable: true })
  const answered = work.catch((cause: unknown) => {
    throw codeOf(cause) === 'pbx.timeout' ? error() : cause
  })
  return withDeadline(answered, { clock: systemClock, ms: READY_MS, error, onLate })
}
const late = () =>
  new AppError('pbx.timeout', `the PBX did not play the files within ${LIMIT_MS} ms`, { retryable: true })

async function check(access: AriAccess & { app: string }, files: readonly PlayedFile[]): Promise<boolean> {
  const ari = await ready(connectAri(access))
  const running = await ready(modulesOrNone(ari))
  const playable = files.filter(({ extension }) => NEEDED[extension]?.every(name => running.has(name)))
  if (playable.length === 0 || !running.has(PLAYER)) return false
  const bridgeId = `consentry-check-${randomUUID()}`
  const ends = new Map<string, (state: unknown) => void>()
  let lost = (_: AppError) => {}
  const closed = new Promise<never>((_, reject) => {
    lost = reject
  })
  closed.catch(() => undefined)
  const listening = ari.listen(`${access.app}-check`, {
    event({ type, playback }) {
      const { id, state } = (playback ?? {}) as { id?: unknown; state?: unknown }
      if (type === 'PlaybackFinished' && typeof id === 'string') ends.get(id)?.(state)
    },
    garbled() {},
    closed: () => lost(new AppError('pbx.unavailable', 'the PBX closed the connection', { retryable: true })),
  })
  const playAll = async () => {
    await ari.request('bridges', 'createWithId', { bridgeId, type: 'mixing' })
    await ari.request('applications', 'subscribe', {
      applicationName: `${access.app}-check`,
      eventSource: `bridge:${bridgeId}`,
    })
    for (const file of playable) {
      if (await playsAtLast(file)) continue
      throw new AppError(
        'prompt.damaged',
        `the PBX cannot play its ${file.extension} file: see whether the user of Asterisk may read the folder of prompts`,
      )
    }
  }
  const playsAtLast = async (file: PlayedFile): Promise<boolean> => {
    for (let left = TRIES; left > 0; left--) {
      if (await plays(file)) return true
      await sleep(systemClock, AGAIN_MS)
    }
    return false
  }
  const plays = async ({ path, extension, lengthMs }: PlayedFile): Promise<boolean> => {
    const playbackId = randomUUID()
    const ended = new Promise<unknown>(resolve => void ends.set(playbackId, resolve))
    const offsetms = Math.max(0, lengthMs - PLAYED_MS) * (SEEK_FACTOR[extension] ?? 1)
    await ari.request('bridges', 'playWithId', { bridgeId, playbackId, media: `sound:${path}`, offsetms })
    return (await Promise.race([ended, closed])) === 'done'
  }
  const close = await ready(listening, end => end())
  try {
    await withDeadline(playAll(), { clock: systemClock, ms: LIMIT_MS, error: late })
    return true
  } finally {
    // Destroying the bridge also ends a playback that exceeds the limit, so that it disturbs no later check.
    await ari.request('bridges', 'destroy', { bridgeId }).catch(() => undefined)
    close()
  }
}

/** A PBX that does not list its running modules counts as having none. */
const modulesOrNone = (ari: AriTransport): Promise<ReadonlySet<string>> =>
  runningModules(ari).catch((error: unknown) => {
    if (codeOf(error) === 'pbx.refused' || codeOf(error) === 'pbx.gone') return new Set<string>()
    throw error
  })
