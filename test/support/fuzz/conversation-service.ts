// Real: the calls, the book of bridges, the look at the PBX after a start. Fake: the journal, the recorder, the prompts, the clock and the channels.

import { BridgeBook, type BridgeChange } from '../../../src/call/parties/bridge-book.js'
import { insideBy } from '../../../src/call/parties/inside.js'
import type { CallChannel, ChannelFact } from '../../../src/call/ports.js'
import { Calls } from '../../../src/call/run/calls.js'
import { matchChannels } from '../../../src/call/run/match-channels.js'
import { AppError } from '../../../src/core/errors.js'
import { type ChannelId, newNodeId } from '../../../src/core/ids.js'
import { createLog } from '../../../src/lib/log.js'
import { fakeChannel } from '../fakes/fake-call.js'
import type { FakeClock } from '../fakes/fake-clock.js'
import { ModelJournal } from './conversation-journal.js'
import { findLine, lineOf, promptsOf } from './conversation-lines.js'
import { Exchange, Phone } from './conversation-phones.js'
import { Tapes } from './conversation-tapes.js'

/** One for all, because it takes long to make. */
const log = createLog('silent')
/** By whether a setting names the phones of the company. */
const INSIDE = { named: insideBy(['SIP/agent-*']), unnamed: insideBy([]) }
const owner = { node: 'here', service: newNodeId() }
/** There are no trials. */
const trials = { channels: () => [], channelsGone() {}, isRelated: () => false, hangUpStray() {} }

const gone = () => new AppError('pbx.gone', 'no such channel', { endsCall: true })
/** One for all, because its stack takes long to write. */
const NOTHING_PLAYS = new AppError('pbx.gone', 'nothing plays')

/** A PBX with its people, and the service beside it: one after another. */
export class ModelService {
  readonly exchange: Exchange
  readonly tapes: Tapes
  readonly #journal = new ModelJournal()
  /** Version of the prompts that are in force. */
  version = 1
  /** Whether a service runs. */
  runs = false
  /** Whether it hears the PBX. Otherwise what the PBX reports is lost. */
  up = false
  calls!: Calls
  #book!: BridgeBook

  /**
   * @param isNamed whether a setting names the phones of the company
   * @param hears somebody hears a sound. It returns the key that is pressed
   */
  constructor(
    readonly clock: FakeClock,
    private readonly isNamed: boolean,
    private readonly hears: (phone: Phone, media: string) => string | undefined,
  ) {
    this.tapes = new Tapes(clock, this.#journal.sink)
    this.exchange = new Exchange({
      bridge: change => this.#bridge(change),
      fact: (channel, fact) => this.#fact(channel, fact),
      ended: channel => this.#ended(channel),
      now: clock.now,
    })
  }

  /** A service starts, takes up what the one before has left, and looks at the PBX. */
  async start(): Promise<void> {
    const { clock, tapes } = this
    const calls = new Calls({
      ...{ journal: this.#journal.sink, recorder: tapes.recorder, clock, log, owner },
      isInside: INSIDE[this.isNamed ? 'named' : 'unnamed'],
      prompts: { ...promptsOf(this.version), forCall: () => promptsOf(this.version) },
      lines: { find: findLine },
      gate: { closed: () => undefined, asked() {}, storageAway: async () => undefined },
      unknownLine: lineOf,
    })
    // A tap is not restarted in this model.
    calls.around.sides.fault = 'none'
    this.calls = calls
    this.#book = new BridgeBook((channel, peers, name) =>
      calls.handleChannelFact(channel, { fact: 'with', peers, at: clock.now(), ...(name && { name }) }),
    )
    this.runs = true
    const unfinished = this.#journal.unfinished()
    tapes.recover(unfinished.map(({ id }) => id))
    calls.recover(unfinished, this.#channel)
    await this.connect()
  }

  /** The service is connected with the PBX, for the first time or again, and looks at it. */
  async connect(): Promise<void> {
    const { calls, clock, exchange } = this
    this.up = true
    const whereabouts = async () => exchange.whereabouts()
    const reportBridges = async () => {
      const { bridges, shown } = exchange.list()
      this.#book.beginComparison()(bridges, shown)
    }
    const ownChannels = async () => []
    const dialplanUses = async () => ({ spies: [], inMailbox: [] })
    const looks = { whereabouts, ownChannels, dialplanUses, reportBridges }
    const pbx = { connected: true, connections: 1, channel: this.#channel, ...looks }
    await matchChannels({ calls, trials, pbx, clock, log })
  }

  /** The connection is lost. */
  lose(): void {
    this.up = false
    this.calls.pbxLost()
  }

  kill(): void {
    this.up = false
    this.runs = false
    // Nothing of a dead process goes on.
    this.clock.clear()
  }

  /** A phone comes to a line. The service has its channel until the questions are over. */
  arrived(phone: Phone, number: string, consults = false): void {
    phone.asking = number
    const [channel, at] = [this.#channelOf(phone), this.clock.now()]
    const { name } = phone
    this.calls.arrived({ number, caller: '7999', at, channel, name, ...(consults && { consults }) })
    this.#book.arrived(phone.channel, name)
  }

  /** Keys that are pressed on a phone. */
  press({ channel }: Phone, digits: string): void {
    for (const digit of digits) this.#fact(channel, { fact: 'key', digit, at: this.clock.now() })
  }

  #bridge(change: BridgeChange): void {
    if (this.up) this.#book.handle(change)
  }

  #fact(channel: ChannelId, fact: ChannelFact): void {
    if (this.up) this.calls.handleChannelFact(channel, fact)
  }

  #ended(channel: ChannelId): void {
    // The PBX reports the end of channels with a call, and of those whose keys are heard.
    if (!this.up || !this.calls.isRelated(channel)) return
    this.#fact(channel, { fact: 'hung-up', cause: 16, at: this.clock.now() })
    this.#book.gone(channel)
  }

  #channel = (id: ChannelId) =>
    this.#channelOf(
      this.exchange.phones.find(({ channel }) => channel === id) ?? new Phone(id, '', 'local', true),
    )

  #channelOf(phone: Phone): CallChannel {
    const { channel } = phone
    /** Plays a sound to its end, unless a key ends it. */
    const play = async (media: string, playback: string) => {
      if (phone.gone) throw gone()
      const { calls } = this
      const fact = (more: ChannelFact) => {
        if (this.up && this.calls === calls) calls.handleChannelFact(channel, more)
      }
      fact({ fact: 'playing', playback, at: this.clock.now() })
      const digit = this.hears(phone, media)
      if (digit) fact({ fact: 'key', digit, at: this.clock.now() })
      fact({ fact: 'played', playback, ok: true, at: this.clock.now() })
    }
    const back = async (tap: string | null) => {
      if (phone.gone) throw gone()
      if (phone.asking === undefined) throw new AppError('pbx.conflict', 'not in the application')
      phone.asking = undefined
      if (tap) this.tapes.start(tap, phone)
    }
    const made = fakeChannel(channel, true)
    return {
      ...made,
      play,
      stopPlaying: async () => Promise.reject(NOTHING_PLAYS),
      answer: async () => {},
      returnToDialplan: ({ tap }) => back(tap),
      returnUntouched: () => back(null),
      checkInApplication: async () => {
        if (phone.asking === undefined) throw new AppError('pbx.conflict', 'not in the application')
      },
      taps: {
        stop: async () => {},
        start: async tap => {
          if (!this.up) return 'failed'
          this.tapes.start(tap, phone)
          return 'started'
        },
      },
      whisper: () => ({ ...made.whisper(), play }),
    }
  }
}
