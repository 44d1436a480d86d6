import type { CallChannel } from '../../../src/call/ports.js'
import type { CallEvent, EventData } from '../../../src/core/events.js'
import type { CallId } from '../../../src/core/ids.js'
import type { LinePolicy } from '../../../src/core/policy.js'
import type { Grant } from '../../../src/core/ports.js'
import type { SpokenClass } from '../../../src/core/speech.js'
import { encodeEvent } from '../../../src/journal/write/encode-event.js'
import { type AriEvent, type ModelChannel, PROMPT_MS } from './model-pbx.js'

/** Characters that the journal cannot store: a null, half a surrogate pair. And the longest row that an event may need. */
const UNSTORABLE = /\\u0000|\\ud[89a-f]/i
const MAX_ROW_CHARS = 4_096
/** Largest distance of an event's time from the test's beginning, ms. */
const SPAN_MS = 30 * 86_400_000

type JournalledEvent<T extends CallEvent['type']> = { data: EventData[T]; call: CallId }

/**
 * Checks the service from outside, by the events it got, the orders it gave and what it journalled. The oracle does not know how
 * the service decides.
 */
export class ConsentOracle {
  readonly faults: string[] = []
  readonly committed: CallEvent[] = []
  /** Number of recordings that were requested with consent. */
  recordings = 0
  /** Those of them that were agreed to by voice. */
  byVoice = 0
  /** Events that the service got about each channel, with their times. */
  readonly #delivered = new Map<string, { event: AriEvent; at: number }[]>()
  /** Taps that are ready, with their calls. */
  readonly #taps = new Map<string, CallId>()
  readonly #used = new Set<string>()
  /** When the caller of each channel said a clear yes that was heard. */
  readonly #saidYes = new Map<string, number[]>()

  constructor(
    private readonly startedAt: number,
    private readonly channels: ReadonlyMap<string, ModelChannel>,
    private readonly policyOf: (number: string) => LinePolicy | undefined,
    private readonly elapsed: () => number,
  ) {}

  /** The service got an event. */
  eventDelivered(channel: string, event: AriEvent): void {
    const heard = this.#delivered.get(channel) ?? []
    heard.push({ event, at: this.elapsed() })
    this.#delivered.set(channel, heard)
  }

  /** The ear of a channel has told what the caller said. */
  spoken(channel: string, heard: SpokenClass): void {
    if (heard === 'yes') this.#saidYes.set(channel, [...(this.#saidYes.get(channel) ?? []), this.elapsed()])
  }

  /** An event is in the journal. */
  eventJournalled(event: CallEvent): void {
    this.committed.push(event)
    try {
      const row = encodeEvent(event)
      if (UNSTORABLE.test(row) || row.length > MAX_ROW_CHARS) this.#fault('the journal would refuse', event)
    } catch {
      this.#fault('this cannot be written', event)
    }
    if (!(Math.abs(event.at - this.startedAt) < SPAN_MS)) this.#fault('this is at no time of the test', event)
    if (event.type !== 'consent.answered') return
    const { purpose } = event.data
    const same = this.#eventsOf('consent.answered', event.call!).filter(
      ({ data }) => data.purpose === purpose,
    )
    // On a line where an earlier answer does not hold, the purpose is asked again.
    const first = same.filter(({ data }) => !data.again)
    if (first.length !== 1) this.#fault('a purpose is settled twice, or again before it was settled', event)
  }

  /** The service requested a tap. */
  recordingRequested(call: CallId, grants: readonly Grant[]): void {
    if (grants.length === 0) this.#fault('a tap for nothing', { call })
    for (const { purpose, basis } of grants) {
      const yes = this.committed.find(({ id }) => id === basis.event)
      const fits =
        yes?.type === 'consent.answered' &&
        yes.call === call &&
        yes.data.purpose === purpose &&
        yes.data.answer === basis.kind
      if (!fits) this.#fault('a recording without a committed yes', { call, purpose })
      else if (yes.data.method === 'voice' && !this.#isSpoken(call, yes.data.voice?.class))
        this.#fault('a yes that nobody said to the question', { call, purpose })
      else if (!this.#isInformed(call, yes.data.method === 'key'))
        this.#fault('a yes to what was not disclosed', { call, purpose })
      else {
        this.recordings += 1
        if (yes.data.method === 'voice') this.byVoice += 1
      }
    }
  }

  tapReady(call: CallId, tap: string): void {
    this.#taps.set(tap, call)
  }

  tapAbandoned(tap: string): void {
    this.#taps.delete(tap)
  }

  channelGone(call: CallId): void {
    for (const [tap, of] of this.#taps) if (of === call) this.#taps.delete(tap)
  }

  /** The test is over: every tap was used or abandoned. */
  end(): void {
    for (const [tap, call] of this.#taps)
      if (!this.#used.has(tap)) this.#fault('a tap is left behind', { call })
  }

  /** Wraps a channel, and checks that a tap which the dialplan gets is ready. */
  watch(channel: CallChannel): CallChannel {
    return {
      ...channel,
      returnToDialplan: outcome => {
        const { call, tap } = outcome
        if (tap) this.#used.add(tap)
        if (tap && this.#taps.get(tap) !== call) this.#fault('a tap that is not ready', { call })
        return channel.returnToDialplan(outcome)
      },
    }
  }

  /** Whether the caller said a clear yes after a question that followed a disclosure. */
  #isSpoken(call: CallId, heard: SpokenClass | undefined): boolean {
    const [start] = this.#eventsOf('call.started', call)
    const { id, orders } = this.channels.get(start!.data.channel)!
    const asked = (at: number) => {
      const played = orders.flatMap(order => ('play' in order && order.at <= at ? [order.media] : []))
      return played.findLastIndex(media => media.startsWith('question')) > played.indexOf('disclosure-key')
    }
    return heard === 'yes' && (this.#saidYes.get(id) ?? []).some(asked)
  }

  /** Whether the disclosure was heard as the line requires and, for a key, whether the yes came after it. */
  #isInformed(call: CallId, byKey: boolean): boolean {
    const [start] = this.#eventsOf('call.started', call)
    const channel = this.channels.get(start!.data.channel)!
    const heard = this.#delivered.get(channel.id) ?? []
    const policies = heard.flatMap(({ event }) => {
      const number = event.type === 'StasisStart' ? (event['args'] as unknown[] | undefined)?.[0] : undefined
      return (typeof number === 'string' && this.policyOf(number)) || []
    })
    return policies.some(({ bargeIn, minHeardMs = 0, mode, keys }) => {
      const whole = !bargeIn || mode === 'notice' || minHeardMs === 'all'
      return channel.orders.some(order => {
        if (!('play' in order) || !order.media.startsWith('disclosure')) return false
        const from = order.at + (whole ? PROMPT_MS * 0.95 : minHeardMs)
        const started = heard.findIndex(
          ({ event, at }) =>
            event.type === 'PlaybackStarted' &&
            at >= order.at &&
            (event['playback'] as { id?: unknown } | null)?.id === order.play,
        )
        if (started < 0 || this.elapsed() < from) return false
        return (
          !byKey ||
          heard
            .slice(started)
            .some(
              ({ event, at }) =>
                event.type === 'ChannelDtmfReceived' && event['digit'] === keys.yes && at >= from,
            )
        )
      })
    })
  }

  #eventsOf<T extends CallEvent['type']>(type: T, call: CallId): JournalledEvent<T>[] {
    return this.committed.filter(
      event => event.type === type && event.call === call,
    ) as unknown as JournalledEvent<T>[]
  }

  #fault(what: string, about: unknown): void {
    this.faults.push(`${what}: ${JSON.stringify(about).slice(0, 400)}`)
  }
}
