import { event, type PromptRole } from '../../core/events.js'
import type { CallId, ChannelId } from '../../core/ids.js'
import type { LinePolicy, NextStep, Purpose } from '../../core/policy.js'
import { logFault } from '../../lib/faults.js'
import { answersHere, decisionHere } from '../machine/answers.js'
import { transition } from '../machine/call-machine.js'
import type { CallState, Fact, FactName, Order, Step, Transition } from '../machine/call-states.js'
import { withdrawnAmong } from '../machine/withdrawal.js'
import { hasNewYes, type Standing, standingIn } from '../parties/parties.js'
import type { CallChannel, ChannelFact, Grant, Outcome } from '../ports.js'
import { createAnswerJournal, createDecisions } from './commit-answer.js'
import { createAnswerHearing } from './hear-answers.js'
import { createInquiryOrders } from './inquiry-orders.js'
import { type InquiryRequest, inquiryFor, type OutsiderIn, outsiderIn } from './inquiry-request.js'
import { createPace } from './pace.js'
import { createPauseSwitch, type PauseSwitch } from './pause-switch.js'
import { createPromptPlayer, promptEndBy, stopLeftoverPlaybacks } from './prompt-player.js'
import { type DialplanReturn, returnToDialplan } from './return-to-dialplan.js'
import {
  beginVisit,
  type CallDeps,
  failedOrder,
  notRecovered,
  type RecoveredState,
  type RunningCall,
} from './running-call.js'
import { createStopwatch, type Stopwatch } from './stopwatch.js'
import { createTapPreparation } from './tap-preparation.js'

const FAULT_MESSAGE = 'a fault during the questions: the call continues, and its open purposes become failed'
const RETURN_MESSAGE = 'what follows the return of a call to the dialplan failed'

/**
 * Runs one call. Passes each fact to the machine, and carries out the resulting orders.
 *
 * @param first the first state of the call, and its first orders
 * @param recovered other facts about a recovered call
 */
export function runCall(
  id: CallId,
  channel: CallChannel,
  first: Transition,
  deps: CallDeps,
  recovered = notRecovered,
): RunningCall {
  const run = new CallRun(id, channel, first.state, deps, recovered)
  run.begin(first.orders)
  return run
}

type OrderOf<O extends Order['order']> = Extract<Order, { order: O }>
type Handlers = { [O in Order['order']]: (order: OrderOf<O>) => void }

/** A call and what carries out its orders. `handleFact` is the only place that changes its state. */
class CallRun implements RunningCall {
  readonly id: CallId
  readonly channel: ChannelId
  readonly pbx: CallChannel
  readonly pauses: PauseSwitch
  readonly #deps: CallDeps
  readonly #standing: (state: CallState) => Standing
  readonly #stopwatch: Stopwatch
  readonly #player: ReturnType<typeof createPromptPlayer>
  readonly #pace: ReturnType<typeof createPace>
  readonly #aside: ReturnType<typeof createInquiryOrders>
  readonly #answers: ReturnType<typeof createAnswerJournal>
  readonly #decisions: ReturnType<typeof createDecisions>
  readonly #hearing: ReturnType<typeof createAnswerHearing>
  readonly #tapPreparation: ReturnType<typeof createTapPreparation>
  readonly #handlers: Handlers
  #state: CallState
  /** The latest fact, and its moment, ms since the epoch. */
  #lastFact: FactName = 're-entered'
  #factAt: number
  /** When the open question was asked, ms since the epoch. */
  #askedAt: number | null = null
  /** Prompts wait for this: leftover prompts have stopped, the channel is answered, and a withdrawal is stored. */
  #readyToSpeak: Promise<unknown> = Promise.resolve()
  /** Path prefix of the tap that is ready and that the dialplan does not have yet. */
  #tap: string | null
  #dialplanReturn: DialplanReturn | undefined
  /** An event or a reply about the channel was lost, so another application may have the channel. */
  #mayBeElsewhere = false
  #visit = beginVisit()

  constructor(id: CallId, channel: CallChannel, state: CallState, deps: CallDeps, recovered: RecoveredState) {
    this.id = id
    this.channel = channel.id
    this.pbx = channel
    this.#deps = deps
    this.#state = { ...state, prompts: deps.prompts }
    this.#factAt = deps.clock.now()
    this.#tap = recovered.tap
    const { recorder } = deps
    const barred = this.#recorded().filter(purpose => recorder.pausedBy(id, purpose) === 'line')
    this.#standing = standingIn(recovered.line, barred, () => this.#recorded())
    this.#stopwatch = createStopwatch(deps.meter, deps.clock)
    this.#player = this.#createPlayer()
    this.#pace = this.#createPace(recovered.waitingSince)
    this.#aside = this.#createAside()
    this.pauses = this.#createPauses()
    const factAt = () => this.#factAt
    this.#decisions = createDecisions({ call: id, journal: deps.journal, factAt }, recovered.decided)
    this.#answers = createAnswerJournal(
      {
        ...{ ...deps, call: id, factAt, policy: () => this.line, askedAt: () => this.#askedAt },
        onFact: fact => this.handleFact(fact),
      },
      recovered.grants,
    )
    this.#hearing = createAnswerHearing({
      ...{ call: id, channel, ear: deps.ear, clock: deps.clock, log: deps.log },
      onFact: fact => this.handleFact(fact),
    })
    this.#tapPreparation = createTapPreparation(id, deps, {
      ready: (tap, granted, lost) => this.#tapPrepared(tap, granted, lost),
      failed: lost => this.handleFact({ fact: 'prepare-failed', lost }),
    })
    this.#handlers = {
      ...{ ...this.#promptOrders(), ...this.#answerOrders(), ...this.#aside.handlers },
      ...{ ...this.#tapOrders(), ...this.#returnOrders(), ...this.#endOrders() },
    }
  }

  #createPlayer() {
    const { prompts, journal, clock } = this.#deps
    return createPromptPlayer({
      ...{ call: this.id, channel: this.pbx, prompts, journal, clock },
      onHeard: () => this.handleFact({ fact: 'heard' }),
      onFault: reason => this.handleFact({ fact: 'fault', reason }),
      onRefused: error => this.#orderFailed(error),
      onPlaying: ms => this.#pace.plays(ms),
    })
  }

  #createPace(waitingSince: number | undefined) {
    return createPace({
      ...{ clock: this.#deps.clock, waitingSince },
      onSilence: () => this.handleFact({ fact: 'silence' }),
      onTooSlow: () => this.#player.giveUp('too-slow'),
    })
  }

  #createAside() {
    const { journal, prompts, recorder, clock, log } = this.#deps
    return createInquiryOrders({
      ...{ call: this.id, channel: this.pbx, journal, prompts, recorder, clock, log },
      fact: () => ({ at: this.#factAt, name: this.#lastFact }),
      onFact: fact => this.handleFact(fact),
    })
  }

  #createPauses() {
    const { recorder, clock, onPause, onAgreed } = this.#deps
    return createPauseSwitch({
      ...{ call: this.id, recorder, clock, policy: () => this.line },
      onPause: () => {
        this.handleFact({ fact: 'paused' })
        onPause?.(this.channel)
      },
      onResume: at => onAgreed?.(this.channel, at, false),
    })
  }

  /** Carries out the first orders. */
  begin(orders: readonly Order[]): void {
    if (this.step === 'talking') this.#visit.end()
    for (const order of orders) this.#execute(order)
    this.#pace.moved(this.#lastFact, this.step)
  }

  get step(): Step {
    return this.#state.step
  }
  get line(): LinePolicy {
    return this.#state.policy
  }
  get outsider(): OutsiderIn {
    return outsiderIn(this.#state)
  }
  get standing(): Standing {
    return this.#standing(this.#state)
  }
  get visitEnded(): Promise<void> {
    return this.#visit.ended
  }
  speaksOn(channel: ChannelId): boolean {
    return this.#aside.voice.speaksOn(channel)
  }
  hearKeysOf(peer: ChannelId): Promise<void> {
    return this.pbx.hearKeysOf(peer)
  }
  abandonReturn(): void {
    this.#pace.abandon()
  }

  ask(request: InquiryRequest) {
    if (this.pauses.isWanted) return 'paused'
    const fact = inquiryFor(this.#state, request, this.#recorded())
    if (typeof fact === 'string') return fact
    this.handleFact(fact)
    return 'asked'
  }

  /** @param when moment of the fact, ms since the epoch */
  handleFact(fact: Fact, when = this.#deps.clock.now()): void {
    const before = this.#state
    this.#factAt = when
    this.#lastFact = fact.fact
    if (!('aside' in fact && fact.aside)) this.#stopwatch.fact(fact.fact)
    this.#mayBeElsewhere = fact.fact === 'fault' || (this.#mayBeElsewhere && fact.fact !== 're-entered')
    const { state, orders } = transition(before, fact)
    if (fact.fact === 'fault' && state !== before)
      this.#deps.log.warn({ call: this.id, step: before.step, reason: fact.reason }, FAULT_MESSAGE)
    if (before.step === 'talking' && state.step !== 'talking') this.#visit = beginVisit()
    this.#state = state
    for (const order of orders) this.#execute(order)
    this.#pace.moved(fact.fact, this.step)
    if (this.step === 'talking' || this.step === 'ended') this.#visit.end()
    const { answers, policy } = this.#state
    if (answers !== before.answers || policy !== before.policy)
      this.#deps.onAgreed?.(this.channel, when, hasNewYes(answers, before.answers))
  }

  handleChannelFact(fact: ChannelFact): void {
    const [player, { voice }] = [this.#player, this.#aside]
    if (fact.fact === 'playing') {
      this.#stopwatch.playing()
      for (const one of [player, voice]) one.playing(fact.playback, fact.at)
    } else if (fact.fact === 'played')
      for (const one of [player, voice]) one.played(fact.playback, fact.ok, fact.at)
    else if (fact.fact === 'key' && this.step === 'disclosing')
      this.handleFact({ ...fact, heardMs: player.heardMs(fact.at) ?? null }, fact.at)
    else if (fact.fact === 'with' && fact.peers.length === 0) this.handleFact({ fact: 'alone' }, fact.at)
    else if (!isForOthers(fact)) this.handleFact(fact, fact.at)
  }

  #execute(order: Order): void {
    this.#stopwatch.order(order)
    if (order.order === 'ask-aside') this.#askedAt = this.#factAt
    else if (order.order === 'tell') this.#askedAt = null
    ;(this.#handlers[order.order] as (order: Order) => void)(order)
  }

  #orderFailed(error: unknown): void {
    this.handleFact(failedOrder(error))
  }

  /** The purposes with a running recording. */
  #recorded(): Purpose[] {
    return this.#deps.recorder.recordedPurposes(this.id)
  }

  #speak(role: PromptRole, prompt: string, language = this.line.language): void {
    void this.#player.play(language, role, prompt, this.#readyToSpeak)
  }

  /** Orders about what the caller hears. */
  #promptOrders() {
    const { journal } = this.#deps
    return {
      'stop-leftover-prompts': () => {
        this.#readyToSpeak = stopLeftoverPlaybacks(this.pbx)
      },
      answer: () => this.#answerChannel(),
      'offer-language': ({ prompt, language }) => this.#speak('language', prompt, language),
      'note-language': ({ language, how }) =>
        journal.note(event('call.language-chosen', this.id, this.#factAt, { language, how })),
      disclose: ({ prompt }) => this.#speak('disclosure', prompt),
      apologise: ({ prompt }) => this.#speak('apology', prompt),
      ask: ({ purpose, attempt, prompt }) => {
        this.#askedAt = this.#factAt
        journal.note(event('consent.asked', this.id, this.#factAt, { purpose, attempt }))
        this.#speak('question', prompt)
      },
      confirm: ({ role, prompt }) => {
        this.#askedAt = null
        this.#speak(role, prompt)
      },
      'stop-prompt': () => this.#player.stop(promptEndBy(this.#lastFact), this.#factAt),
      whisper: ({ prompt, language }) => this.#aside.voice.speak(language, prompt, this.#readyToSpeak),
      wait: ({ ms }) => this.#pace.wait(ms),
      'stop-waiting': () => this.#pace.stopWaiting(),
    } satisfies Partial<Handlers>
  }

  #answerChannel(): void {
    const { journal, clock } = this.#deps
    this.#askedAt = null
    // A failure on an earlier line must not prevent the answer on this one.
    this.#readyToSpeak = this.#readyToSpeak.catch(() => undefined).then(() => this.pbx.answer())
    const { number: line, version } = this.line
    const answered = () => {
      this.#stopwatch.answered()
      journal.note(event('call.answered', this.id, clock.now(), { line, policy: version }))
    }
    this.#readyToSpeak.then(answered, error => this.#orderFailed(error))
  }

  /** Orders about answers: what counts, what is heard, and what is withdrawn. */
  #answerOrders() {
    const answers = this.#answers
    const hearing = this.#hearing
    const { journal, recorder } = this.#deps
    return {
      'ignore-key': ({ purpose, reason, early }) =>
        journal.note(event('consent.key-ignored', this.id, this.#factAt, { purpose, reason, ...early })),
      'begin-hearing': ({ terms }) => hearing.begin(terms),
      'tell-prompt-ended': () => hearing.promptEnded(),
      'end-hearing': () => hearing.end(),
      'note-speech': answers.noteSpeech,
      'note-hearing-lost': answers.noteHearingLost,
      commit: order => void answers.commit(order, hearing.takeSaid(order.spoken)),
      note: answers.note,
      'correct-decision': ({ decision, reason }) =>
        this.#decisions.note(decision, this.#state.answers, reason),
      withdraw: order => {
        const { purposes, keep } = order
        const stored = answers.withdrawn(order)
        // The keys are destroyed at once, because that needs no database. The event has the next purge do the rest.
        void recorder.withdraw(this.id, { purposes, at: this.#factAt, keep, stored })
        this.#readyToSpeak = Promise.all([this.#readyToSpeak, stored])
        // The next prompt gets the error.
        this.#readyToSpeak.catch(() => undefined)
      },
    } satisfies Partial<Handlers>
  }

  /** Orders about the tap, from its preparation until the PBX has it. */
  #tapOrders() {
    const answers = this.#answers
    const preparation = this.#tapPreparation
    return {
      prepare: ({ purposes, line = this.line.number }) =>
        void preparation.prepare(line, answers.grantsOf(purposes), this.#recorded()),
      'limit-tap-wait': ({ ms }) => {
        preparation.hurry()
        this.#pace.waitForTap(ms)
      },
      'give-up-tap': () => preparation.giveUp(),
      'start-tap': () => {
        if (this.#tap) void this.#aside.startTap(this.#tap)
        this.#tap = null
      },
      'drop-purposes': ({ purposes, reason = 'line-not-recorded' }) => {
        answers.noteUnrecorded(purposes, reason)
        this.#abandonTap(reason)
        preparation.callLeft()
      },
    } satisfies Partial<Handlers>
  }

  async #tapPrepared(tap: string, granted: readonly Grant[], lost: readonly Purpose[]): Promise<void> {
    const { recorder, clock } = this.#deps
    this.#tap = tap
    this.pauses.prepared(clock.now())
    this.handleFact({ fact: 'prepared', lost })
    // The caller may have withdrawn the yes during the preparation, when there was no recording to stop.
    const withdrawn = withdrawnAmong(this.#state, granted)
    if (withdrawn.length > 0)
      void recorder.withdraw(this.id, { purposes: withdrawn, at: clock.now(), keep: false })
    if (this.step === 'ended') await recorder.channelGone(this.id)
  }

  #abandonTap(reason: string): void {
    if (this.#tap) void this.#deps.recorder.abandon(this.#tap, reason)
    this.#tap = null
  }

  /** Orders about the return of the channel to the dialplan. */
  #returnOrders() {
    const { journal, recorder, clock } = this.#deps
    return {
      return: ({ decision, tapped, next }) => {
        if (!this.#decisions.covers(this.#state.answers)) this.#decisions.note(decision, this.#state.answers)
        const tap = tapped ? this.#tap : null
        if (tap) recorder.handedOver(tap, clock.now())
        else this.#abandonTap('withdrawn')
        this.#startReturn(next, tap)
        // The dialplan has this tap now. A later visit of the call has a tap of its own.
        this.#tap = null
      },
      'note-return': () => {
        this.#dialplanReturn?.channelReentered()
        this.#dialplanReturn = undefined
      },
      'return-unasked': ({ decision, reason }) => {
        const passed = {
          ...{ decision: decisionHere(this.#state), channel: this.channel },
          ...(reason && { reason }),
        }
        if (this.#decisions.isMade) journal.note(event('call.passed-through', this.id, this.#factAt, passed))
        else this.#decisions.note(decision, this.#state.answers, reason ?? 'line-not-recorded')
        this.#startReturn({ do: 'continue' }, null)
      },
    } satisfies Partial<Handlers>
  }

  #startReturn(next: NextStep, tap: string | null): void {
    const { log, taps } = this.#deps
    const request = {
      ...this.#outcome(tap),
      ...{ id: this.id, next, mayBeElsewhere: this.#mayBeElsewhere, ...this.#pace.returns() },
      hearsAgentKeys: this.line.askKeys !== undefined,
    }
    const thisReturn = returnToDialplan(this.pbx, request, this.#deps)
    this.#dialplanReturn = thisReturn
    const isLatest = () => this.#dialplanReturn === thisReturn
    const returned = (fact: Fact) => {
      if (!isLatest()) return
      this.handleFact(fact)
      if (tap) taps?.watch(this.pbx, tap, () => isLatest() && this.step === 'talking')
    }
    thisReturn.outcome.then(returned).catch(error => logFault(log, error, RETURN_MESSAGE, { call: this.id }))
  }

  /**
   * The outcome for the dialplan, as it counts on the caller's current line. A running tap is named only if something
   * is recorded there.
   *
   * @param tap the tap to be started, if any
   */
  #outcome(tap: string | null): Pick<Outcome, 'decision' | 'answers' | 'tap' | 'recordedBy'> {
    const { agreed } = this.standing
    const isRecorded = this.#recorded().some(purpose => agreed.has(purpose))
    return {
      ...{ decision: decisionHere(this.#state), answers: answersHere(this.#state), tap },
      recordedBy: tap === null && isRecorded ? (this.#deps.recorder.readyTap(this.id) ?? null) : null,
    }
  }

  /** Orders about a channel that has left our application by another's order, or has ended. */
  #endOrders() {
    const { journal, recorder } = this.#deps
    return {
      'note-departure': ({ decision, unprepared, tapped }) => {
        this.#hearing.takeSaid(undefined)
        const { answers } = this.#state
        const reason = tapped ? 'service-restarted' : 'left'
        this.#answers.noteUnrecorded(unprepared, reason)
        if (!this.#decisions.covers(answers))
          this.#decisions.note(decision, answers, tapped ? undefined : reason)
        const released = { next: 'continue' as const, tapped, reason }
        journal.note(event('call.released', this.id, this.#factAt, released))
        if (!tapped) this.#abandonTap(reason)
        this.#tap = null
        this.#tapPreparation.callLeft()
      },
      end: ({ decision, cause, phase, unprepared }) => {
        this.#hearing.takeSaid(undefined)
        this.#answers.noteUnrecorded(unprepared, 'hung-up')
        this.#decisions.noteAtEnd(decision, this.#state.answers, phase)
        journal.note(event('call.ended', this.id, this.#factAt, { cause, phase }))
        void recorder.channelGone(this.id, this.#factAt)
        this.pauses.end()
        this.#aside.voice.end(this.#factAt)
      },
    } satisfies Partial<Handlers>
  }
}

/** Whether a fact does not concern the call itself, but its participants, or a phone that is recorded on the PBX. */
const isForOthers = (
  fact: ChannelFact,
): fact is Extract<
  ChannelFact,
  { fact: 'with' | 'transferred' | 'dials' | 'held' | 'recorded' | 'pbx-records' }
> => ['with', 'transferred', 'dials', 'held', 'recorded', 'pbx-records'].includes(fact.fact)
