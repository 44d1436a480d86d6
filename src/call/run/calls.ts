import type { Clock } from '../../core/clock.js'
import { event } from '../../core/events.js'
import { type CallId, type ChannelId, newCallId } from '../../core/ids.js'
import type { Owner } from '../../core/owner.js'
import { FROM_INSIDE } from '../../core/party-events.js'
import type { LinePolicy } from '../../core/policy.js'
import type { ShedReason } from '../../core/ports.js'
import { isProbeChannel } from '../../core/probe-call.js'
import type { RecoveredCall } from '../../core/recovered-call.js'
import type { StorageGate } from '../../core/storage-gate.js'
import { isTrialChannel } from '../../core/trial.js'
import { waitAtMost } from '../../lib/deadline.js'
import { beginCall } from '../machine/call-machine.js'
import { AroundCalls, type AroundCallsDeps } from '../parties/around-calls.js'
import type { Neighbours } from '../parties/neighbours.js'
import type {
  Arrival,
  CallChannel,
  CallMeter,
  ChannelFact,
  DurableEventSink,
  Gate,
  LineBook,
  Whereabouts,
} from '../ports.js'
import { callStarted, followOutsider, followPassed, policyFor } from './call-started.js'
import type { NotAsked } from './inquiry-request.js'
import { switchPause } from './pause-switch.js'
import { type CallRecovery, recoverCall } from './recover-call.js'
import { runCall } from './run-call.js'
import { type CallDeps, type RunningCall, UNDECIDED_STEPS } from './running-call.js'
import { TapStartWatch } from './tap-start-watch.js'
import type { Trials } from './trials.js'

export interface CallsDeps extends CallDeps {
  lines: LineBook
  gate: Gate & StorageGate
  /** Policy of a number that belongs to no line. Its calls are never recorded. */
  unknownLine(number: string): LinePolicy
  /** Whether a channel belongs to the company; undefined if neither settings nor dialplan say. If absent, they name no channel. */
  isInside?: AroundCallsDeps['isInside']
  /** Whether the service has the PBX stop its own recordings of calls that are asked. Default: false. */
  stopsPbxRecordings?: boolean
  /** Makes the meter of a call that came in over a trunk. */
  meterFor?(trunk: string | undefined): CallMeter
  /** The owner of these calls. A later service recovers the calls of its own owner only. */
  owner: Owner
}

/** All calls of this process, by channel. */
export class Calls {
  readonly #deps: CallsDeps
  readonly #taps: TapStartWatch
  readonly #byChannel = new Map<ChannelId, RunningCall>()
  /** Participants, holds and PBX recordings around the calls. */
  readonly around: AroundCalls
  /** Calls that came from inside, which ask no questions. */
  readonly #fromInside = new WeakSet<RunningCall>()
  /** Recovered calls not yet returned to the dialplan, until the places of their channels are known. */
  #recovered: Required<CallRecovery>[] = []
  #channelOf: ((channel: ChannelId) => CallChannel) | undefined

  constructor(deps: CallsDeps) {
    this.#taps = new TapStartWatch(deps.clock, deps.recorder)
    this.around = new AroundCalls({
      ...deps,
      callOn: channel => this.#callOn(channel),
      callById: id => this.#callById(id),
      channelOf: channel => this.#channelOf?.(channel),
      cameFromInside: call => this.#fromInside.has(call),
      isInside: deps.isInside ?? (() => undefined),
      stopsPbxRecordings: deps.stopsPbxRecordings ?? false,
      follow: (channel, line, recorded) => this.#follow(channel, line, recorded),
      isShedding: line => this.#closed(line) !== undefined,
    })
    const { outsiders } = this.around
    const onAgreed = this.around.answersChanged.bind(this.around)
    const onPause = outsiders.paused.bind(outsiders)
    this.#deps = { ...deps, taps: this.#taps, onAgreed, onPause }
    deps.recorder.useTapOrders(id => this.#callById(id)?.pbx.taps)
  }

  /** The call on a channel that has not ended. */
  #callOn(channel: ChannelId): RunningCall | undefined {
    const call = this.#byChannel.get(channel)
    return call?.step === 'ended' ? undefined : call
  }

  #callById(id: string): RunningCall | undefined {
    return [...this.#byChannel.values()].find(one => one.id === id && one.step !== 'ended')
  }

  /** Number of calls whose channel has not ended. */
  get size(): number {
    return this.#byChannel.size
  }

  /** Number of calls that are not decided yet. */
  get inQuestion(): number {
    let count = 0
    for (const { step } of this.#byChannel.values()) if (UNDECIDED_STEPS.has(step)) count++
    return count
  }

  /** Whether the dialplan failed to start the latest tap, within the last ten minutes. */
  get tapRefused(): boolean {
    return this.#taps.lastNotStarted
  }

  /** Whether recovered callers wait for a connection to the PBX. After too long, the keeper returns them to the dialplan. */
  get leftWaiting(): boolean {
    return this.#recovered.length > 0
  }

  /** Whether the PBX itself records a call that is asked, now or within the last ten minutes. */
  get recordedByPbx(): boolean {
    return this.around.pbxRecordings.found
  }

  /** A channel entered our application. A channel without a call starts one. A channel with a call re-enters that call. */
  arrived(arrival: Arrival): void {
    const { number, channel } = arrival
    const policy = policyFor(this.#deps, number, channel.id)
    // A call may have ended without an event for its channel. The channel then starts a new call.
    const known = this.#callOn(channel.id)
    const inside = this.around.arrived(arrival)
    if (!known) this.#start(newCallId(), arrival, { policy, inside })
    // On a line that asks no callers, the journal of a recovered call does not say that it came from inside.
    else if (inside || this.#fromInside.has(known))
      known.handleFact({ fact: 're-entered', policy: { ...policy, mode: 'none' } })
    else known.handleFact({ fact: 're-entered', policy, unasked: this.#closed(policy) })
  }

  /** Why the line currently asks no callers; undefined if it does. */
  #closed({ purposes }: LinePolicy): ShedReason | undefined {
    return this.#deps.gate.closed(purposes.map(({ purpose }) => purpose))
  }

  /** Dependencies of one call. They hold the prompts in force now, whatever is published while the call runs. */
  #depsOfCall(channel: ChannelId, trunk?: string): CallsDeps {
    const { prompts, meterFor } = this.#deps
    const meter = isProbeChannel(channel) ? undefined : meterFor?.(trunk)
    return { ...this.#deps, prompts: prompts.forCall?.() ?? prompts, ...(meter && { meter }) }
  }

  /** @param inside whether a phone of the company dialled the number */
  #start(id: CallId, arrival: Arrival, { policy, inside }: { policy: LinePolicy; inside: boolean }): void {
    const { journal, owner } = this.#deps
    const { channel, at, caller, outbound } = arrival
    const unasked = inside ? FROM_INSIDE : this.#closed(policy)
    const known = this.#deps.lines.find(arrival.number) !== undefined
    const dialled = known ? undefined : arrival.number
    journal.note(callStarted(id, at, { policy, channel: channel.id, caller, dialled, outbound, owner }))
    if (!known) journal.note(event('call.unknown-line', id, at, {}))
    const deps = this.#depsOfCall(channel.id, arrival.trunk)
    const call = runCall(id, channel, beginCall(policy, unasked), deps)
    if (inside) this.#fromInside.add(call)
    this.#byChannel.set(channel.id, call)
    if (unasked || policy.mode === 'none') return
    this.#deps.gate.asked()
    this.around.pbxRecordings.begun(channel.id)
  }

  /** A caller passed unasked because our application was away. The call is journalled from now on. */
  passed(arrival: Arrival): void {
    const { id } = arrival.channel
    if (this.#byChannel.has(id)) return
    const known = this.#deps.lines.find(arrival.number) !== undefined
    const policy = policyFor(this.#deps, arrival.number, id)
    const line = { policy, known, inside: this.around.arrived(arrival) }
    const call = followPassed(arrival, line, this.#depsOfCall(id, arrival.trunk))
    if (line.inside) this.#fromInside.add(call)
    this.#byChannel.set(id, call)
  }

  /** Begins a call for a participant who has joined a recorded one, see `Outsiders`. */
  async #follow(id: ChannelId, line: LinePolicy, recorded: CallId): Promise<RunningCall | undefined> {
    const channel = this.#channelOf?.(id)
    const caller = await channel?.callerNumber()
    const known = this.#callOn(id)
    if (known || !channel || !this.around.neighbours.canBeAsked(id)) return known
    const call = followOutsider({ channel, caller: caller ?? '', line, recorded }, this.#depsOfCall(id))
    this.#byChannel.set(id, call)
    // From now on the answer counts. A caller who reached this participant first may be recorded with the participant.
    this.around.answersChanged(id, this.#deps.clock.now(), false)
    return call
  }

  /**
   * Recovers calls, so that no question is repeated and their end is journalled. Calls that were not returned to the dialplan wait for
   * `resumeRecovered`.
   *
   * @param channelOf gives orders to a channel of the PBX, now and later
   */
  recover(recovered: RecoveredCall[], channelOf: (channel: ChannelId) => CallChannel): void {
    this.#channelOf = channelOf
    for (const one of recovered) {
      const lineOf = (number: string) => policyFor(this.#deps, number, one.channel)
      const { call, resume } = recoverCall(one, lineOf, channelOf(one.channel), this.#depsOfCall(one.channel))
      this.#byChannel.set(one.channel, call)
      if (one.fromInside) this.#fromInside.add(call)
      call.pauses.doubt()
      if (resume) this.#recovered.push({ call, resume })
    }
  }

  /**
   * Resumes the recovered calls that were not returned to the dialplan. Callers who wait in our application are asked again.
   *
   * @param channels all channels of the PBX; undefined if the PBX does not list them, so that the callers continue unrecorded
   */
  resumeRecovered(channels: ReadonlyMap<ChannelId, Whereabouts> | undefined): void {
    for (const { call, resume } of this.#recovered.splice(0)) {
      const at = channels?.get(call.channel)
      if (at?.in === 'app' && call.step !== 'ended') this.around.neighbours.colleagues.arrived(call.channel)
      void resume(at)
    }
  }

  /** All bridges of the PBX were compared, and all participants reported. Only this ends the doubt after a loss. */
  bridgesCompared(): void {
    this.around.bridgesCompared(this.channels(), this.#deps.clock.now())
    this.#deps.recorder.releaseHeld()
  }

  /** Handles a fact about any channel: that of a call or of a peer. */
  handleChannelFact(channel: ChannelId, fact: ChannelFact): void {
    this.around.handle(channel, fact)
    const call = this.#byChannel.get(channel)
    call?.handleChannelFact(fact)
    // For a hangup in our application, the PBX may report only `hanging-up`.
    const ended = call?.step === 'ended'
    if (ended || fact.fact === 'hung-up') this.around.gone(channel, fact.at, call?.id)
    if (ended) this.#byChannel.delete(channel)
  }

  /** Whether a call uses this channel: as its caller's channel, as the agent's, or as its whisper channel. */
  isRelated(channel: ChannelId): boolean {
    if (this.#byChannel.has(channel) || this.around.neighbours.callersOf(channel).length > 0) return true
    return [...this.#byChannel.values()].some(call => call.speaksOn(channel))
  }

  /** Whether a channel has a call that is in our application. */
  isServing(channel: ChannelId): boolean {
    const step = this.#byChannel.get(channel)?.step
    return step !== undefined && step !== 'talking' && step !== 'ended'
  }

  /** Pauses or resumes a call's recordings for a program, see `switchPause`. @returns `unknown` if there is no such call */
  async switchPause(id: string, to: 'pause' | 'resume'): Promise<'done' | 'unknown' | 'unrecorded'> {
    const call = this.#callById(id)
    return call ? switchPause(call, to, this.#deps.clock) : 'unknown'
  }

  /**
   * Asks the person of a call at a program's request, see `AroundCalls.ask`.
   *
   * @returns the reason if the person is not asked; `unknown` if there is no such call
   */
  ask(id: string): 'asked' | 'unknown' | NotAsked {
    const call = this.#callById(id)
    return call ? this.around.ask(call, 'api') : 'unknown'
  }

  /** The id of the call on a channel; undefined if the channel has no call. */
  callIdOf(channel: ChannelId): CallId | undefined {
    return this.#byChannel.get(channel)?.id
  }

  /** A fault concerns all calls. Calls that are not decided continue unrecorded. */
  failUndecided(reason: string): void {
    for (const call of this.#byChannel.values()) call.handleFact({ fact: 'fault', reason })
  }

  /** The PBX is no longer heard. @param since when it was heard last, ms since the epoch */
  pbxLost(since = this.#deps.clock.now()): void {
    this.failUndecided('pbx-lost')
    this.around.forgetHolds(this.#deps.clock.now())
    for (const call of this.#byChannel.values()) call.pauses.doubt(since)
    this.around.neighbours.colleagues.unseen()
  }

  /** Fails the undecided calls after a stall, because the keeper may have rescued their callers. @param ms length of the stall */
  stalled(ms: number): void {
    this.#deps.log.error(
      { ms: Math.round(ms) },
      'the service stood still: undecided calls continue unrecorded',
    )
    this.failUndecided('service-stalled')
  }

  /** The channels of all calls. */
  channels(): ChannelId[] {
    return [...this.#byChannel.keys()]
  }

  /** These channels have ended, and no event reported it. */
  channelsGone(channels: Iterable<ChannelId>): void {
    const at = this.#deps.clock.now()
    for (const channel of channels) this.handleChannelFact(channel, { fact: 'hung-up', cause: null, at })
  }

  /** The service stops. Undecided calls continue unrecorded. Resolves when all have left, or after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    const calls = [...this.#byChannel.values()]
    this.around.sides.stop()
    this.failUndecided('service-stopping')
    await waitAtMost(this.#deps.clock, graceMs, Promise.all(calls.map(call => call.visitEnded)))
    // A running retry would keep the process alive.
    for (const call of calls) call.abandonReturn()
  }
}

export interface HearingDeps {
  calls: Pick<Calls, 'arrived' | 'handleChannelFact' | 'pbxLost' | 'callIdOf'> & {
    around: { neighbours: Pick<Neighbours, 'followed'> }
  }
  /** Receives facts about the channels of trials. */
  trials: Pick<Trials, 'arrived' | 'handleChannelFact' | 'failAll' | 'rescued'>
  /** Must know when the PBX may have died. */
  recorder: { pbxLost(): void; pbxBack(started?: string): void }
  journal: Pick<DurableEventSink, 'note'>
  clock: Pick<Clock, 'now'> & {
    /** The service's time at a moment of the PBX's clock. Both are ms since the epoch. */
    stamp(at: number): number
  }
  /** `check` must be called before this process acts on a report of the PBX. The timers of `clock` call it themselves. */
  stalls: { check(): void; clock: Pick<Clock, 'now' | 'after'> }
}

/**
 * Passes the PBX's reports to the calls and the recorder. Journals the times in which the PBX was not heard, and the
 * callers whom the keeper rescued. Undecided calls continue unrecorded when the PBX is no longer heard.
 */
export function hearPbx({ calls, trials, recorder, journal, clock, stalls }: HearingDeps) {
  let lostAt: number | null = null
  const callbacks: (() => void)[] = []
  return {
    /** Adds a callback for each time when the PBX can be heard, again or for the first time. */
    onConnected(callback: () => void): void {
      callbacks.push(callback)
    },
    arrived(arrival: Arrival): void {
      stalls.check()
      const to = isTrialChannel(arrival.channel.id) ? trials : calls
      to.arrived({ ...arrival, at: clock.stamp(arrival.at) })
    },
    fact(channel: ChannelId, fact: ChannelFact): void {
      stalls.check()
      const to = isTrialChannel(channel) ? trials : calls
      to.handleChannelFact(channel, { ...fact, at: clock.stamp(fact.at) })
    },
    bridgesFollowed(followed: boolean): void {
      calls.around.neighbours.followed = followed
    },
    connected(restarted: boolean, started?: string): void {
      const now = clock.now()
      if (lostAt !== null)
        journal.note(event('pbx.restored', null, now, { blindMs: now - lostAt, restarted }))
      lostAt = null
      recorder.pbxBack(started)
      for (const callback of callbacks) callback()
    },
    lost(reason: string, unheardMs: number): void {
      lostAt = clock.now()
      journal.note(event('pbx.lost', null, lostAt, { reason }))
      recorder.pbxLost()
      calls.pbxLost(lostAt - unheardMs)
      trials.failAll('pbx-lost')
    },
    /** The keeper returned a caller to the dialplan. */
    rescued(rescue: Rescue): void {
      const channel = rescue.channel as ChannelId
      if (isTrialChannel(channel)) trials.rescued(channel, rescue.at, rescue.reason)
      else noteRescue(rescue, channel => calls.callIdOf(channel), { journal, clock: stalls.clock })
    },
  }
}

/** A caller whom the keeper returned to the dialplan. */
interface Rescue {
  channel: string
  /** ms since the epoch */
  at: number
  reason: 'service-frozen' | 'service-gone'
}

/** The caller's arrival may be reported this much later than the rescue, ms. They come over different sockets. */
const ARRIVAL_LAG_MS = 2_000

/** Journals a rescue with its call, or without one if this service learns of no arrival within 2 s. */
function noteRescue(
  { channel, at, reason }: Rescue,
  idOf: (channel: ChannelId) => CallId | undefined,
  { journal, clock }: { journal: Pick<DurableEventSink, 'note'>; clock: Pick<Clock, 'after'> },
): void {
  const note = (call: CallId | null) =>
    journal.note(event('call.rescued', call, at, { by: 'keeper', reason, channel }))
  const known = idOf(channel as ChannelId)
  if (known) note(known)
  else clock.after(ARRIVAL_LAG_MS, () => note(idOf(channel as ChannelId) ?? null))
}
