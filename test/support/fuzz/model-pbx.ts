// Fake: the channels of a PBX.
import type { CallChannel, Outcome } from '../../../src/call/ports.js'
import type { Clock } from '../../../src/core/clock.js'
import { AppError } from '../../../src/core/errors.js'
import type { ChannelId } from '../../../src/core/ids.js'

/** Length of every prompt of the model, ms. */
export const PROMPT_MS = 1_000

/** An ARI event. */
export type AriEvent = Record<string, unknown> & { type: string }

/** An order to one channel. */
export type ChannelOrder = { at: number } & (
  | { play: string; media: string }
  | { gone: Outcome | 'on' | 'hung-up' }
)

/** One channel of a fake PBX. It carries out its orders and sends events as Asterisk would. */
export class ModelChannel {
  readonly orders: ChannelOrder[] = []
  #state: 'stasis' | 'dialplan' | 'gone' = 'dialplan'
  #playing: string | undefined
  #finish = () => {}

  constructor(
    readonly id: ChannelId,
    private readonly clock: Clock,
    private readonly send: (event: AriEvent, of: ModelChannel) => void,
  ) {}

  /** The channel enters the application. */
  enter(number: string): void {
    if (this.#state === 'gone') return
    this.#state = 'stasis'
    this.#sendEvent('StasisStart', { args: [number] })
  }

  press(digit: string): void {
    if (this.#state !== 'gone') this.#sendEvent('ChannelDtmfReceived', { digit })
  }

  hangUp(cause = 16): void {
    if (this.#state === 'gone') return
    this.endPrompt()
    if (this.#state === 'stasis') this.#sendEvent('StasisEnd')
    this.#state = 'gone'
    this.#sendEvent('ChannelDestroyed', { cause })
  }

  /** Another program moves the channel out of the application. */
  leave(): void {
    if (this.#state !== 'stasis') return
    this.endPrompt()
    this.#state = 'dialplan'
    this.#sendEvent('StasisEnd')
  }

  /** The prompt ends early and is reported as played. */
  endPrompt(): void {
    this.#finish()
  }

  get callChannel(): CallChannel {
    const away = (gone: Outcome | 'on') => async () => {
      this.#assertInApplication()
      this.orders.push({ gone, at: this.clock.elapsed() })
      this.leave()
    }
    return {
      id: this.id,
      answer: async () => this.#assertInApplication(),
      play: async (media, id) => {
        this.#assertInApplication()
        this.#play(media, id)
      },
      stopPlaying: async id => {
        if (this.#playing === id) this.endPrompt()
        else throw new AppError('pbx.gone', 'no such playback', { endsCall: true })
      },
      tell: async () => this.#assertInApplication(),
      returnToDialplan: outcome => away(outcome)(),
      checkInApplication: async () => this.#assertInApplication(),
      returnUntouched: () => away('on')(),
      hangup: async () => {
        this.orders.push({ gone: 'hung-up', at: this.clock.elapsed() })
        this.hangUp()
      },
      whisper: () => ({
        id: `${this.id}-whisper-00000000` as ChannelId,
        play: async (media, id) => this.#play(media, id, '-whisper-00000000'),
        stopPlaying: async () => this.endPrompt(),
        close: async () => {},
      }),
      feed: () => ({ open: async () => {}, close: async () => {} }),
      startedTap: async () => false,
      taps: { stop: async () => {}, start: async () => 'failed' },
      heardMusic: async () => false,
      packetsFrom: async () => undefined,
      rtpOf: async () => new Map(),
      behind: async () => undefined,
      recordedByPbx: async () => false,
      stopPbxRecordings: async () => false,
      queue: async () => null,
      passedUnasked: async () => undefined,
      callerNumber: async () => '',
      follow: async () => {},
      hearKeysOf: async () => {},
    }
  }

  #assertInApplication(): void {
    if (this.#state === 'gone') throw new AppError('pbx.gone', 'no such channel', { endsCall: true })
    if (this.#state === 'dialplan') throw new AppError('pbx.conflict', 'not in the application')
  }

  #play(media: string, id: string, suffix = ''): void {
    const playback = { id, target_uri: `channel:${this.id}${suffix}`, state: 'playing' }
    this.orders.push({ play: id, media, at: this.clock.elapsed() })
    this.#playing = id
    this.#sendEvent('PlaybackStarted', { playback })
    const cancel = this.clock.after(PROMPT_MS, () => this.#finish())
    this.#finish = () => {
      cancel()
      this.#playing = undefined
      this.#finish = () => {}
      this.#sendEvent('PlaybackFinished', { playback: { ...playback, state: 'done' } })
    }
  }

  #sendEvent(type: string, more: object = {}): void {
    const timestamp = new Date(this.clock.now()).toISOString()
    const channel = { id: this.id, caller: { name: '', number: '79001234567' } }
    this.send({ type, timestamp, channel, ...more }, this)
  }
}
