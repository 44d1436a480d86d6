import { atMost } from '../shared/at-most.js'
import { utcOffset } from '../shared/clock.js'
import { event } from '../shared/events.js'
import { type CallId, type ChannelId, newCallId } from '../shared/ids.js'
import type { Owner } from '../shared/owner.js'
import type { LinePolicy } from '../shared/policy.js'
import type { RecoveredCall } from '../shared/recovered-call.js'
import { begin } from './call-machine.js'
import type { Step } from './call-states.js'
import { Peers } from './peers.js'
import type { Arrival, CallChannel, ChannelFact, Gate, LineBook, Whereabouts } from './ports.js'
import { type CallRecovery, recoverCall } from './recover-call.js'
import { runCall } from './run-call.js'
import type { CallDeps, RunningCall } from './running-call.js'
import { TapStarts } from './tap-starts.js'

export interface CallsDeps extends CallDeps {
  lines: LineBook
  gate: Gate
  /** What applies to a number that is no line: never recorded. */
  unknownLine(number: string): LinePolicy
  /** Whose calls they are: a successor takes up these and no others. */
  owner: Owner
}

/** How long a program waits for the news that a pause is journalled, ms; a journal without its database takes 4 s. */
const KEPT_MS = 4_500

/** Steps of a call that holds no tap yet and may come to hold one. */
const UNANSWERED: ReadonlySet<Step> = new Set([
  'interrupted',
  'apologising',
  'disclosing',
  'asking',
  'waiting',
  'committing',
])

/** All calls that this process knows, by channel. */
export class Calls {
  readonly #deps: CallsDeps
  readonly #taps: TapStarts
  readonly #byChannel = new Map<ChannelId, RunningCall>()
  readonly #peers = new Peers()
  /** Calls that an earlier process left in question, until their channels are found. */
  #recovered: Required<CallRecovery>[] = []

  constructor(deps: CallsDeps) {
    this.#taps = new TapStarts(deps.clock, deps.recorder)
    this.#deps = { ...deps, taps: this.#taps }
  }

  /** Calls whose channel has not ended. */
  get size(): number {
    return this.#byChannel.size
  }

  /** Calls of which it is not known yet whether they will be recorded. */
  get inQuestion(): number {
    return [...this.#byChannel.values()].filter(({ step }) => UNANSWERED.has(step)).length
  }

  /** Whether the dialplan failed to start the last tap that it was given, in the last ten minutes. */
  get tapRefused(): boolean {
    return this.#taps.refused
  }

  /** A channel came in: a new call, or one that has been here before and is asked only what it has not answered. */
  arrived({ number, caller, at, channel }: Arrival): void {
    const { lines, unknownLine } = this.#deps
    const line = lines.find(number)
    const policy = line ?? unknownLine(number)
    const known = this.#byChannel.get(channel.id)
    // A call may have ended although the end of its channel was not heard. Then the channel starts a new call.
    if (known && known.step !== 'ended') known.tell({ fact: 're-entered', policy })
    else this.#start(newCallId(), channel, { policy, caller, number, at, known: line !== undefined })
  }

  #start(
    id: CallId,
    channel: CallChannel,
    of: { policy: LinePolicy; caller: string; number: string; at: number; known: boolean },
  ): void {
    const { journal, gate, owner } = this.#deps
    const { policy, known, at } = of
    const unasked = gate.closed(policy.purposes.map(({ purpose }) => purpose))
    const data = {
      line: known ? policy.number : null,
      policy: policy.version,
      language: policy.language,
      mode: policy.mode,
      channel: channel.id,
      utcOffset: utcOffset(at),
      ...owner,
    }
    journal.note(
      event('call.started', id, at, data, { caller: of.caller, ...(known ? {} : { dialled: of.number }) }),
    )
    if (!known) journal.note(event('call.unknown-line', id, at, {}))
    this.#byChannel.set(channel.id, runCall(id, channel, begin(policy, unasked), this.#deps))
  }

  /**
   * Takes up calls of an earlier process, so that nothing is asked twice and their end is seen. Those that were in
   * question wait for `resume`.
   */
  recover(recovered: RecoveredCall[], legOf: (channel: ChannelId) => CallChannel): void {
    const { lines, unknownLine } = this.#deps
    for (const one of recovered) {
      const number = one.line ?? ''
      const policy = lines.find(number) ?? unknownLine(number)
      const { call, found } = recoverCall(one, policy, legOf(one.channel), this.#deps)
      this.#byChannel.set(one.channel, call)
      if (found) this.#recovered.push({ call, found })
    }
  }

  /**
   * The PBX has said where its channels are: callers whom an earlier process left in question are asked again.
   *
   * @param channels all of them; undefined if the PBX does not say, and then those callers go on
   */
  resumeRecovered(channels: ReadonlyMap<ChannelId, Whereabouts> | undefined): void {
    for (const { call, found } of this.#recovered.splice(0)) void found(channels?.get(call.channel))
  }

  hear(channel: ChannelId, fact: ChannelFact): void {
    const call = this.#byChannel.get(channel)
    if (fact.fact === 'with' && call?.recordable) call.hearKeysOf(this.#peers.join(channel, fact.peers))
    if (fact.fact === 'hung-up') this.#peers.part(channel)
    if (fact.fact === 'key') this.#callWith(channel)?.pauses.key(fact.digit, fact.at)
    call?.hear(fact)
    if (call?.step === 'ended') this.#byChannel.delete(channel)
  }

  /** The call whose caller talks with this channel. */
  #callWith(peer: ChannelId): RunningCall | undefined {
    const caller = this.#peers.callerOf(peer)
    return caller && this.#byChannel.get(caller)
  }

  /** Whether a channel is a call's, or has to do with one: an agent's that is listened to, a voice that speaks. */
  looksAfter(channel: ChannelId): boolean {
    if (this.#byChannel.has(channel) || this.#callWith(channel)) return true
    return [...this.#byChannel.values()].some(call => call.speaksOn(channel))
  }

  /** Whether the call on a channel is in our hands, and something is done for it. */
  serves(channel: ChannelId): boolean {
    const step = this.#byChannel.get(channel)?.step
    return step !== undefined && step !== 'talking' && step !== 'ended'
  }

  /**
   * A program pauses a call's recordings, or lets them go on. It hears of a pause once a service after us would know of it,
   * unless the journal takes too long.
   *
   * @returns what came of it: `unrecorded` if there is nothing to pause
   */
  async switchPause(id: string, to: 'pause' | 'resume'): Promise<'done' | 'unknown' | 'unrecorded'> {
    const call = [...this.#byChannel.values()].find(one => one.id === id)
    if (!call) return 'unknown'
    const { clock } = this.#deps
    const kept = call.pauses[to]('api', clock.now())
    if (!kept) return 'unrecorded'
    if (kept !== true) await atMost(clock, KEPT_MS, kept)
    return 'done'
  }

  /** The id of the call on a channel, if it is one of ours. */
  idOf(channel: ChannelId): CallId | undefined {
    return this.#byChannel.get(channel)?.id
  }

  /** Something has come over all calls: those in question go on unrecorded. */
  fail(reason: string): void {
    for (const call of this.#byChannel.values()) call.tell({ fact: 'fault', reason })
  }

  /** The channels of the calls that are known now. */
  channels(): ChannelId[] {
    return [...this.#byChannel.keys()]
  }

  /** These channels are no more, and their end was not heard, or not listened for. */
  gone(channels: Iterable<ChannelId>): void {
    const at = this.#deps.clock.now()
    for (const channel of channels) this.hear(channel, { fact: 'hung-up', cause: null, at })
  }

  /** The service stops: calls in question go on unrecorded. Resolves once all have left, or after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    const calls = [...this.#byChannel.values()]
    this.fail('service-stopping')
    let cancel = () => {}
    const grace = new Promise<void>(resolve => {
      cancel = this.#deps.clock.after(graceMs, resolve)
    })
    await Promise.race([Promise.all(calls.map(call => call.visitOver)), grace])
    // What is left running would keep the process alive for nothing.
    cancel()
    for (const call of calls) call.drop()
  }
}
