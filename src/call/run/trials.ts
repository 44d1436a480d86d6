import type { ActorWay } from '../../core/actor.js'
import { AppError, codeOf } from '../../core/errors.js'
import {
  type Answer,
  type CallEvent,
  type Decision,
  type EventData,
  event,
  type TrialPrompt,
  withDeterministicId,
} from '../../core/events.js'
import { type CallId, type ChannelId, type DraftId, newTrialId, type TrialId } from '../../core/ids.js'
import type { LinePolicy, Purpose } from '../../core/policy.js'
import { endpointForJournal, trialChannelId, trialOf } from '../../core/trial.js'
import { waitAtMost } from '../../lib/deadline.js'
import { logFault } from '../../lib/faults.js'
import { beginCall } from '../machine/call-machine.js'
import type {
  Arrival,
  CallChannel,
  ChannelFact,
  DurableEventSink,
  Gate,
  PhoneTake,
  Recorder,
  RingingPbx,
} from '../ports.js'
import { recordByPhone } from './phone-recording.js'
import { runCall } from './run-call.js'
import type { CallDeps, RunningCall } from './running-call.js'

/** How long a phone rings, s. The person who asked for it is beside it. */
const RING_S = 30
/** How much longer than `RING_S` the PBX may take to report the end of the ringing, ms. Then the channel is hung up. */
const RING_SLACK_MS = 5_000
/** Longest trial after the answer, ms. The longest known line takes less than a minute. */
const TRIAL_MS = 300_000
/** Most phones that ring within `WINDOW_MS`, for all users together. More would be a nuisance for the people beside them. */
const MOST_IN_WINDOW = 3
const WINDOW_MS = 60_000
/** How long the journal may take to store that a phone is rung, ms. A person waits for it. */
const JOURNAL_MS = 4_000

/** What a trial needs from the service. */
export interface TrialsDeps extends Pick<CallDeps, 'prompts' | 'journal' | 'clock' | 'log' | 'ear'> {
  /** A trial is refused while calls would be shed. */
  gate: Pick<Gate, 'closed'>
}

/** A phone to ring. */
interface RungPhone {
  /** The person who asked for it. */
  by: string
  way: ActorWay
  /** The phone as the PBX names it. The caller of this function has checked it against the list of permitted phones. */
  endpoint: string
}

/** A phone that plays a draft. */
export interface DraftTrial extends RungPhone {
  draft: DraftId
  revision: number
  /** The line of the draft. */
  policy: LinePolicy
}

/** A phone that records a prompt. */
export interface PromptTrial extends RungPhone {
  prompt: string
  take: PhoneTake
}

export type TrialRequest = DraftTrial | PromptTrial

/** The subject of a trial, in the journal and on the phone's display. */
function subjectOf(request: TrialRequest) {
  if ('prompt' in request) {
    const { prompt, take } = request
    return { shown: prompt, about: { prompt, language: take.language } }
  }
  const { draft, policy, revision } = request
  return { shown: policy.number, about: { draft, line: policy.number, revision } }
}

interface Trial {
  id: TrialId
  request: TrialRequest
  notes: TrialNotes
  /** Undefined until the phone is answered. */
  call?: Pick<RunningCall, 'handleChannelFact' | 'handleFact' | 'speaksOn' | 'visitEnded' | 'abandonReturn'>
  pbx: RingingPbx
  /** Whether the PBX is known to have the channel. */
  rung: boolean
  cancelTimer: () => void
  ended: boolean
  /** Undefined before the PBX has been asked to ring. */
  channel?: CallChannel
}

/**
 * The trials of this process: phones that ring, and play a draft as to a caller of its line. A trial is no call. It is run by the machine
 * of calls, but with a separate journal and recorder, so that it is neither counted nor recorded.
 */
export class Trials {
  readonly #deps: TrialsDeps
  readonly #byChannel = new Map<ChannelId, Trial>()
  /** When the latest phones were rung, monotonic, ms. */
  #rungAt: number[] = []
  #stopping = false

  constructor(deps: TrialsDeps) {
    this.#deps = deps
  }

  /**
   * Rings a phone.
   *
   * @returns once the PBX rings it
   * @throws AppError `ring.limited` for the fourth phone within a minute; `request.conflict` while another phone of the same person rings;
   *   `service.unavailable` while calls would be shed, the PBX is away, or the service stops; `ring.refused` if the PBX does not ring it;
   *   `journal.*`: it does not ring then
   */
  async ring(request: TrialRequest, pbx: RingingPbx): Promise<TrialId> {
    this.#requireFree(request.by)
    const { journal, clock } = this.#deps
    const id = newTrialId()
    const channelId = trialChannelId(id)
    const trial: Trial = {
      ...{ id, request, pbx, notes: new TrialNotes(), rung: false, ended: false },
      cancelTimer: () => {},
    }
    this.#byChannel.set(channelId, trial)
    this.#rungAt.push(clock.elapsed())
    const { by, way } = request
    const { shown, about } = subjectOf(request)
    const endpoint = endpointForJournal(request.endpoint)
    const data = { trial: id, by, way, ...about, endpoint }
    try {
      await journal.append([event('trial.started', null, clock.now(), data)], JOURNAL_MS)
    } catch (error) {
      trial.ended = true
      this.#byChannel.delete(channelId)
      // The journal may have the beginning, or store it later, so it also gets the end.
      if (codeOf(error) === 'journal.timeout')
        this.#journalEnd(id, clock.now(), { answered: false, reason: 'journal.timeout' })
      throw error
    }
    // The service may have begun to stop, or lost the PBX, meanwhile.
    if (trial.ended) throw unavailable('The service is stopping, or has lost the PBX: try again in a minute.')
    trial.channel = pbx.channel(channelId)
    trial.cancelTimer = clock.after(RING_S * 1_000 + RING_SLACK_MS, () => this.#giveUp(trial, 'ring-timeout'))
    try {
      await pbx.ring(channelId, request.endpoint, shown, RING_S)
      trial.rung = true
      return id
    } catch (error) {
      // The phone may ring although the PBX did not confirm it.
      this.#giveUp(trial, codeOf(error) ?? 'pbx.refused')
      throw refusalOf(error, request.endpoint)
    }
  }

  /** The channel of a trial entered our application, because the phone was answered. */
  arrived({ channel, at }: Arrival): void {
    const trial = this.#byChannel.get(channel.id)
    if (!trial || trial.call) {
      this.hangUpStray(channel, at)
      return
    }
    const { prompts, clock, log, ear } = this.#deps
    trial.rung = true
    trial.cancelTimer()
    trial.cancelTimer = clock.after(TRIAL_MS, () => this.#fail(trial, 'trial-too-long'))
    const { request } = trial
    const notEnded = (error: unknown) =>
      logFault(log, error, 'the end of a trial is not noted', { trial: trial.id })
    if ('prompt' in request) {
      const recorder = trial.pbx.recorder(channel.id)
      const made = recordByPhone(channel, recorder, request.take, { prompts, clock, log })
      trial.call = made
      made.visitEnded
        .then(() => {
          const { version, reason } = made
          this.#end(trial, { ...(version !== undefined && { version }), ...(reason && { reason }) })
        })
        .catch(notEnded)
      return
    }
    const deps: CallDeps = {
      ...{ prompts, clock, log, journal: trial.notes, recorder: recordsNothing },
      ...(ear && { ear }),
    }
    // Only the log uses this call id, to name a trial's actions.
    const id = trial.id as string as CallId
    trial.call = runCall(id, hungUpAfterwards(channel), beginCall(request.policy), deps)
    trial.call.visitEnded.then(() => this.#end(trial, {})).catch(notEnded)
  }

  /** Handles a fact about the channel of a trial. */
  handleChannelFact(channel: ChannelId, fact: ChannelFact): void {
    const trial = this.#byChannel.get(channel)
    if (trial?.call) trial.call.handleChannelFact(fact)
    else if (trial && fact.fact === 'hung-up')
      this.#end(trial, fact.cause === null ? {} : { cause: fact.cause })
  }

  /** A fault concerns all trials. */
  failAll(reason: string): void {
    for (const trial of [...this.#byChannel.values()]) this.#fail(trial, reason)
  }

  /** The keeper has returned a trial's channel to the dialplan, which hangs it up. @param at ms since the epoch */
  rescued(channel: ChannelId, at: number, reason: string): void {
    const trial = this.#byChannel.get(channel)
    if (trial) this.#fail(trial, reason)
    else this.#journalEnd(trialOf(channel), at, { reason })
  }

  /** Hangs up the channel of a trial of an earlier service. */
  hangUpStray(channel: CallChannel, at: number): void {
    channel.hangup().catch(() => {})
    this.#journalEnd(trialOf(channel.id), at, { reason: 'service-restarted' })
  }

  /** The channels of trials that the PBX has. */
  channels(): ChannelId[] {
    return [...this.#byChannel].flatMap(([channel, { rung }]) => (rung ? [channel] : []))
  }

  /** These channels have ended, and no event reported it. */
  channelsGone(channels: Iterable<ChannelId>): void {
    const at = this.#deps.clock.now()
    for (const channel of channels) this.handleChannelFact(channel, { fact: 'hung-up', cause: null, at })
  }

  /** Whether a trial uses this channel: as the phone's, or as its whisper channel. */
  isRelated(channel: ChannelId): boolean {
    if (this.#byChannel.has(channel)) return true
    return [...this.#byChannel.values()].some(({ call }) => call?.speaksOn(channel))
  }

  /** The service stops. All trials are hung up. Resolves when all have ended, or after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true
    const calls = [...this.#byChannel.values()].flatMap(({ call }) => call ?? [])
    this.failAll('service-stopping')
    await waitAtMost(this.#deps.clock, graceMs, Promise.all(calls.map(call => call.visitEnded)))
    for (const call of calls) call.abandonReturn()
  }

  #requireFree(by: string): void {
    const { clock, gate } = this.#deps
    if (this.#stopping) throw unavailable('The service is stopping: try again in a minute.')
    if (gate.closed([]) !== undefined)
      throw unavailable('The service has as many calls as it can take: try again when there are fewer.')
    if ([...this.#byChannel.values()].some(({ request }) => request.by === by))
      throw new AppError(
        'request.conflict',
        'A phone is being rung for you already: answer it, or hang it up.',
      )
    this.#rungAt = this.#rungAt.filter(at => clock.elapsed() - at < WINDOW_MS)
    if (this.#rungAt.length < MOST_IN_WINDOW) return
    const seconds = Math.ceil((this.#rungAt[0]! + WINDOW_MS - clock.elapsed()) / 1_000)
    throw new AppError(
      'ring.limited',
      `At most ${MOST_IN_WINDOW} phones are rung in a minute: try again in ${seconds} s.`,
    )
  }

  /** Ends the ringing of a phone. */
  #giveUp(trial: Trial, reason: string): void {
    trial.channel?.hangup().catch(() => {})
    this.#end(trial, { reason })
  }

  #fail(trial: Trial, reason: string): void {
    if (trial.call) trial.call.handleFact({ fact: 'fault', reason })
    else this.#giveUp(trial, reason)
  }

  #end(trial: Trial, how: { cause?: number; reason?: string; version?: number }): void {
    if (trial.ended) return
    trial.ended = true
    trial.cancelTimer()
    this.#byChannel.delete(trialChannelId(trial.id))
    const { notes, call } = trial
    const { decision, answers, heard } = notes
    const reason = how.reason ?? notes.reason
    const answered = call !== undefined
    const ended = { answered, decision, answers, heard, ...how, ...(reason ? { reason } : {}) }
    this.#journalEnd(trial.id, this.#deps.clock.now(), ended)
  }

  /** Journals the end of a trial. Only the first event of a trial's end counts, from whichever service. */
  #journalEnd(trial: TrialId, at: number, ended: Partial<EventData['trial.ended']>): void {
    const nothing = { answered: true, decision: null, answers: [], heard: [] }
    const made = event('trial.ended', null, at, { trial, ...nothing, ...ended })
    this.#deps.journal.note(withDeterministicId(made, trial))
  }
}

const unavailable = (message: string) => new AppError('service.unavailable', message, { retryable: true })

/** The meaning of the PBX's refusal for the waiting person. */
function refusalOf(error: unknown, endpoint: string): AppError {
  const code = codeOf(error)
  if (error instanceof AppError && code === 'ring.refused') return error
  if (code === 'pbx.unavailable' || code === 'pbx.timeout')
    return unavailable('The PBX does not answer: see whether it runs, and try again.')
  return new AppError(
    'ring.refused',
    `The PBX does not ring ${endpoint}: see whether the phone is registered, and whether the PBX knows it by this name.`,
    { cause: error },
  )
}

/*
 * A trial's substitutes for a call's journal, recorder and channel. The machine and its runner are those of real calls.
 * A trial never gets the real recorder, so no key pressed in it can begin a recording.
 */

/** Most prompts of a trial that the journal names. A line has far fewer; an event must stay below 64 KB. */
const MAX_PROMPTS = 50

/** Collects the events of a trial. None of them enters the journal as an event of a call. */
class TrialNotes implements DurableEventSink {
  readonly heard: TrialPrompt[] = []
  readonly #answers = new Map<Purpose, Answer>()
  decision: Decision | null = null
  /** Why the trial was broken off. */
  reason: string | undefined

  get answers(): { purpose: Purpose; answer: Answer }[] {
    return [...this.#answers].map(([purpose, answer]) => ({ purpose, answer }))
  }

  /** Accepts an answer at once. No recording follows from it. */
  async append(events: CallEvent[]): Promise<void> {
    this.note(...events)
  }

  async noteDurably(event: CallEvent): Promise<void> {
    this.note(event)
  }

  note(...events: CallEvent[]): void {
    for (const event of events) this.#take(event)
  }

  #take({ type, data }: CallEvent): void {
    if (type === 'prompt.ended' && this.heard.length < MAX_PROMPTS) {
      const { role, prompt, version, sha256, end, heardMs } = data
      this.heard.push({ role, prompt, version, sha256, end, heardMs })
    } else if (type === 'consent.answered') {
      this.#answers.set(data.purpose, data.answer)
      this.reason ??= data.reason
    } else if (type === 'consent.withdrawn')
      for (const purpose of data.purposes) this.#answers.set(purpose, 'refused')
    else if (type === 'call.decided') {
      this.decision = data.decision
      this.reason ??= data.reason
    }
  }
}

/** Stands for the tap of a trial, in orders that its channel does not carry out. No such path exists. */
const NO_TAP = '/nowhere/trial'

/** The recorder of trials, which records nothing. For the machine, a tap is always ready. */
const recordsNothing: Recorder = {
  keepAnswer: async () => undefined,
  prepare: async () => NO_TAP,
  readyTap: () => undefined,
  findTap: () => undefined,
  hasAudio: () => false,
  abandon: async () => {},
  handedOver() {},
  isUnused: async () => true,
  withdraw: async () => {},
  pause: () => undefined,
  resume: () => false,
  hold() {},
  leaveOutHeld() {},
  releaseHeld() {},
  pausedSince: () => undefined,
  pausedBy: () => undefined,
  recordedPurposes: () => [],
  restartTaps: async () => false,
  losses: { watch() {}, silentMs: () => 'heard', packets() {}, left() {}, note() {} },
  useTapOrders() {},
  channelGone: async () => {},
}

/** A channel that hangs up instead of returning to the dialplan. */
const hungUpAfterwards = (channel: CallChannel): CallChannel => ({
  ...channel,
  tell: async () => {},
  returnToDialplan: () => channel.hangup(),
  returnUntouched: () => channel.hangup(),
})
