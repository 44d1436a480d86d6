import type { Clock } from '../../core/clock.js'
import { codeOf } from '../../core/errors.js'
import type { Log } from '../../lib/log.js'
import type { Fact } from '../machine/call-states.js'
import type { CallChannel, ChannelFact, PhoneRecorder, PhoneTake, PromptBook } from '../ports.js'
import { promptIds, promptInTime, START_TIMEOUT_MS } from './prompt-player.js'

/** Longest recording, s: that of a prompt. */
const MAX_S = 60
/** Silence that ends a recording, s, for a person who forgets the key. */
const SILENCE_S = 5
/** How often one prompt may be recorded in one call. */
const MAX_TAKES = 5
/** Time for a key after the recording was played back, ms. */
const REVIEW_MS = 10_000
/** How much longer than its sound a prompt may take, and a recording than `MAX_S`, ms. */
const SLACK_MS = 5_000
/** Longest playback, ms. */
const PLAYBACK_MS = MAX_S * 1_000

export interface PhoneRecordingDeps {
  prompts: PromptBook
  clock: Clock
  log: Log
}

/** The part of a trial in which a person answers a phone and speaks a prompt. */
export interface PhoneRecording {
  handleChannelFact(fact: ChannelFact): void
  handleFact(fact: Fact): void
  speaksOn(): boolean
  /** Resolves when the recording is removed from the PBX and the channel is hung up. */
  readonly visitEnded: Promise<void>
  abandonReturn(): void
  /** The version that was saved; undefined if none was. */
  readonly version: number | undefined
  /** Why no version was saved; undefined if one was, or if the person hung up. */
  readonly reason: string | undefined
}

/** The reason of an early end of the conversation. */
class Over extends Error {
  constructor(readonly reason: string | undefined) {
    super('over')
  }
}

/**
 * Lets the person who answered a phone record a prompt: speak after the tone, hear it, keep it or record it again. This
 * is no call: it is not encrypted, kept or counted. The sound stays on the PBX only until the phone is hung up.
 */
export function recordByPhone(
  channel: CallChannel,
  recorder: PhoneRecorder,
  take: PhoneTake,
  { prompts, clock, log }: PhoneRecordingDeps,
): PhoneRecording {
  let version: number | undefined
  let reason: string | undefined
  let over: Over | undefined
  /** Handles facts during a wait. */
  let waiting: { accept(fact: ChannelFact): boolean; done(fact: ChannelFact | undefined): void } | undefined
  let fail = (_: Over) => {}
  const ids = promptIds(channel.id)
  let played = 0

  const end = (why: string | undefined) => {
    over ??= new Over(why)
    fail(over)
  }

  /** Waits for a fact. Resolves to undefined after `ms`. @throws Over */
  const until = (ms: number, accept: (fact: ChannelFact) => boolean) =>
    new Promise<ChannelFact | undefined>((resolve, reject) => {
      if (over) return reject(over)
      const cancel = clock.after(ms, () => finish(undefined))
      const finish = (fact: ChannelFact | undefined) => {
        cancel()
        waiting = undefined
        resolve(fact)
      }
      waiting = { accept, done: finish }
      fail = why => {
        cancel()
        waiting = undefined
        reject(why)
      }
    })

  const isKey = (fact: ChannelFact) => fact.fact === 'key' && (fact.digit === '1' || fact.digit === '2')

  /** Plays a sound to its end, or to a key that counts. @returns the key */
  async function hear(play: (id: string) => Promise<void>, ms: number, keys: boolean) {
    played += 1
    const id = ids[played % 2 === 0 ? 0 : 1]
    let begun = false
    const ends = (fact: ChannelFact) => {
      begun ||= fact.fact === 'playing' && fact.playback === id
      return (fact.fact === 'played' && fact.playback === id) || (keys && isKey(fact))
    }
    const ended = until(ms + SLACK_MS, ends)
    ended.catch(() => undefined)
    await play(id)
    const cancel = clock.after(START_TIMEOUT_MS, () => {
      if (!begun) end('prompt-not-started')
    })
    const fact = await ended.finally(cancel)
    if (fact?.fact !== 'key') return undefined
    await channel.stopPlaying(id).catch(() => undefined)
    return fact.digit
  }

  async function say(name: string, keys = false) {
    const prompt = await promptInTime(prompts, take.language, name, clock)
    return hear(id => channel.play(prompt.media, id), prompt.lengthMs, keys)
  }

  /** @returns the sound, or undefined if it cannot be a prompt */
  async function record(): Promise<Buffer | undefined> {
    const ended = until(MAX_S * 1_000 + SLACK_MS, ({ fact }) => fact === 'recorded')
    ended.catch(() => undefined)
    await recorder.start({ maxSeconds: MAX_S, silenceSeconds: SILENCE_S })
    const fact = await ended
    if (fact?.fact !== 'recorded' || !fact.ok) return undefined
    const sound = await recorder.read()
    try {
      await take.check(sound)
      return sound
    } catch (error) {
      if (codeOf(error) !== 'request.invalid') throw error
      return undefined
    }
  }

  /** Plays the recording back until a key decides about it. @returns the key; undefined if none came */
  async function review(): Promise<string | undefined> {
    const key = (await hear(id => recorder.play(id), PLAYBACK_MS, true)) ?? (await say('record-review', true))
    if (key !== undefined) return key
    const fact = await until(REVIEW_MS, isKey)
    return fact?.fact === 'key' ? fact.digit : undefined
  }

  async function converse(): Promise<void> {
    await channel.answer()
    for (let takes = 0; takes < MAX_TAKES; takes += 1) {
      await say('record-speak')
      const sound = await record()
      if (!sound) {
        await say('record-unusable')
        continue
      }
      const key = await review()
      if (key === undefined) {
        reason = 'not-kept'
        return
      }
      if (key === '2') continue
      version = await take.keep(sound)
      await say('record-kept')
      return
    }
    reason = 'too-many-takes'
  }

  const visitEnded = converse()
    .catch((error: unknown) => {
      reason = error instanceof Over ? error.reason : (codeOf(error) ?? 'fault')
      if (!(error instanceof Over)) log.warn({ reason }, 'a prompt could not be recorded by telephone')
    })
    .then(() => recorder.remove().catch(() => undefined))
    .then(() => channel.hangup().catch(() => undefined))

  return {
    handleChannelFact(fact) {
      if (fact.fact === 'hung-up' || fact.fact === 'hanging-up' || fact.fact === 'left') end(undefined)
      else if (waiting?.accept(fact)) waiting.done(fact)
    },
    handleFact(fact) {
      if (fact.fact === 'fault') end(fact.reason)
    },
    speaksOn: () => false,
    visitEnded,
    abandonReturn() {},
    get version() {
      return version
    },
    get reason() {
      return version === undefined ? reason : undefined
    },
  }
}
