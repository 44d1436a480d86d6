import type { Clock } from '../../core/clock.js'
import { event, type PromptRole } from '../../core/events.js'
import type { CallId } from '../../core/ids.js'
import type { LinePolicy, NextStep } from '../../core/policy.js'
import type { CallStage } from '../../core/ports.js'
import { logFault } from '../../lib/faults.js'
import { answersHere, decisionHere } from '../machine/answers.js'
import { transition } from '../machine/call-machine.js'
import type { CallState, Fact, FactName, Order, Transition } from '../machine/call-states.js'
import { withdrawnAmong } from '../machine/withdrawal.js'
import { type Agreed, hasNewYes, standingIn } from '../parties/parties.js'
import type { CallChannel, CallMeter, ChannelFact, Outcome, Recorder } from '../ports.js'
import { createAnswerJournal, createDecisions } from './answer-journal.js'
import { createAnswerHearing } from './hear-answers.js'
import { createInquiryOrders } from './inquiry-orders.js'
import { inquiryFor, outsiderIn } from './inquiry-request.js'
import { createPace } from './pace.js'
import { createPauseSwitch } from './pause-switch.js'
import { createPromptPlayer, promptEndBy, stopLeftoverPlaybacks } from './prompt-player.js'
import { type DialplanReturn, returnToDialplan } from './return-to-dialplan.js'
import { beginVisit, type CallDeps, failedOrder, notRecovered, type RunningCall } from './running-call.js'
import { createTapPreparation } from './tap-preparation.js'
import type { createWhisperer } from './whisperer.js'

const FAULT_MESSAGE = 'a fault during the questions: the call goes on, and its open purposes become failed'
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
  const { journal, recorder, clock, log } = deps
  let state: CallState = { ...first.state, prompts: deps.prompts }
  const policy = (): LinePolicy => state.policy
  let [factAt, lastFact, askedAt] = [clock.now(), 're-entered' as FactName, null as number | null]
  /** Prompts wait for this: leftover prompts have stopped, the channel is answered, and a withdrawal is stored. */
  let readyToSpeak: Promise<unknown> = Promise.resolve()
  let tap = recovered.tap
  const decisions = createDecisions({ call: id, journal, factAt: () => factAt }, recovered.decided)
  let dialplanReturn: DialplanReturn | undefined
  /** An event or a reply about the channel was lost, so another application may have the channel. */
  let [mayBeElsewhere, visit] = [false, beginVisit()]
  if (state.step === 'talking') visit.end()
  const running = () => recorder.recordedPurposes(id)
  const barred = running().filter(purpose => recorder.pausedBy(id, purpose) === 'line')
  const standing = standingIn(recovered.line, barred, running)
  const stopwatch = createStopwatch(deps.meter, clock)
  const orderFailed = (error: unknown) => handleFact(failedOrder(error))
  const player = createPromptPlayer({
    ...{ call: id, channel, prompts: deps.prompts, journal, clock },
    onHeard: () => handleFact({ fact: 'heard' }),
    onFault: reason => handleFact({ fact: 'fault', reason }),
    onRefused: orderFailed,
    onPlaying: ms => pace.plays(ms),
  })
  const pace = createPace({
    ...{ clock, waitingSince: recovered.waitingSince },
    onSilence: () => handleFact({ fact: 'silence' }),
    onTooSlow: () => player.giveUp('too-slow'),
  })
  const aside = createInquiryOrders({
    ...{ call: id, channel, journal, prompts: deps.prompts, recorder, clock, log },
    fact: () => ({ at: factAt, name: lastFact }),
    onFact: fact => handleFact(fact),
  })
  const pauses = createPauseSwitch({
    ...{ call: id, recorder, clock, policy },
    onPause() {
      handleFact({ fact: 'paused' })
      deps.onPause?.(channel.id)
    },
    onResume: at => deps.onAgreed?.(channel.id, at, false),
  })
  function handleFact(fact: Fact, when = clock.now()) {
    const { answers: answered, policy: line } = state
    factAt = when
    lastFact = fact.fact
    if (!('aside' in fact && fact.aside)) stopwatch.fact(fact.fact)
    mayBeElsewhere = fact.fact === 'fault' || (mayBeElsewhere && fact.fact !== 're-entered')
    const step = transition(state, fact)
    if (fact.fact === 'fault' && step.state !== state)
      log.warn({ call: id, step: state.step, reason: fact.reason }, FAULT_MESSAGE)
    if (state.step === 'talking' && step.state.step !== 'talking') visit = beginVisit()
    state = step.state
    step.orders.forEach(execute)
    pace.moved(fact.fact, state.step)
    if (state.step === 'talking' || state.step === 'ended') visit.end()
    if (state.answers !== answered || state.policy !== line)
      deps.onAgreed?.(channel.id, when, hasNewYes(state.answers, answered))
  }

  const answers = createAnswerJournal(
    {
      ...{ call: id, journal, recorder, clock, log, policy, factAt: () => factAt, askedAt: () => askedAt },
      onFact: handleFact,
    },
    recovered.grants,
  )
  const hearing = createAnswerHearing({
    ...{ call: id, channel, ear: deps.ear, clock, log },
    onFact: fact => handleFact(fact),
  })

  const tapPreparation = createTapPreparation(id, deps, {
    async ready(preparedTap, granted, lost) {
      tap = preparedTap
      pauses.prepared(clock.now())
      handleFact({ fact: 'prepared', lost })
      // The caller may have withdrawn the yes during the preparation, when there was no recording to stop.
      const withdrawn = withdrawnAmong(state, granted)
      if (withdrawn.length > 0)
        void recorder.withdraw(id, { purposes: withdrawn, at: clock.now(), keep: false })
      if (state.step === 'ended') await recorder.channelGone(id)
    },
    failed: lost => handleFact({ fact: 'prepare-failed', lost }),
  })

  const speak = (role: PromptRole, prompt: string, language = policy().language) =>
    void player.play(language, role, prompt, readyToSpeak)
  function startReturn(next: NextStep, withTap: string | null) {
    const request = {
      ...outcomeHere(id, state, standing(state).agreed, withTap, recorder),
      ...{ id, next, mayBeElsewhere, ...pace.returns() },
      hearsAgentKeys: policy().askKeys !== undefined,
    }
    const thisReturn = returnToDialplan(channel, request, deps)
    dialplanReturn = thisReturn
    const isLatest = () => dialplanReturn === thisReturn
    const returned = (fact: Fact) => {
      if (!isLatest()) return
      handleFact(fact)
      if (withTap) deps.taps?.watch(channel, withTap, () => isLatest() && state.step === 'talking')
    }
    thisReturn.outcome.then(returned).catch(error => logFault(log, error, RETURN_MESSAGE, { call: id }))
  }

  const handlers: { [O in Order['order']]: (order: Extract<Order, { order: O }>) => void } = {
    'stop-leftover-prompts'() {
      readyToSpeak = stopLeftoverPlaybacks(channel)
    },
    answer() {
      askedAt = null
      // A failure on an earlier line must not prevent the answer on this one.
      readyToSpeak = readyToSpeak.catch(() => undefined).then(() => channel.answer())
      const { number: line, version } = policy()
      const answered = () => {
        stopwatch.answered()
        journal.note(event('call.answered', id, clock.now(), { line, policy: version }))
      }
      readyToSpeak.then(answered, orderFailed)
    },
    'offer-language': ({ prompt, language }) => speak('language', prompt, language),
    'note-language': ({ language, how }) =>
      journal.note(event('call.language-chosen', id, factAt, { language, how })),
    disclose: ({ prompt }) => speak('disclosure', prompt),
    apologise: ({ prompt }) => speak('apology', prompt),
    ask({ purpose, attempt, prompt }) {
      askedAt = factAt
      journal.note(event('consent.asked', id, factAt, { purpose, attempt }))
      speak('question', prompt)
    },
    confirm({ role, prompt }) {
      askedAt = null
      speak(role, prompt)
    },
    'stop-prompt': () => player.stop(promptEndBy(lastFact), factAt),
    wait: ({ ms }) => pace.wait(ms),
    'stop-waiting': () => pace.stopWaiting(),
    'ignore-key': ({ purpose, reason, early }) =>
      journal.note(event('consent.key-ignored', id, factAt, { purpose, reason, ...early })),
    'begin-hearing': ({ terms }) => hearing.begin(terms),
    'tell-prompt-ended': () => hearing.promptEnded(),
    'end-hearing': () => hearing.end(),
    'note-speech': answers.noteSpeech,
    'note-hearing-lost': answers.noteHearingLost,
    commit: order => void answers.commit(order, hearing.takeSaid(order.spoken)),
    note: answers.note,
    'correct-decision': ({ decision, reason }) => decisions.note(decision, state.answers, reason),
    prepare: ({ purposes, line = policy().number }) =>
      void tapPreparation.prepare(line, answers.grantsOf(purposes), running()),
    'limit-tap-wait'({ ms }) {
      tapPreparation.hurry()
      pace.waitForTap(ms)
    },
    'give-up-tap': () => tapPreparation.giveUp(),
    'start-tap'() {
      if (tap) void aside.startTap(tap)
      tap = null
    },
    'drop-purposes'({ purposes, reason = 'line-not-recorded' }) {
      answers.noteUnrecorded(purposes, reason)
      if (tap) void recorder.abandon(tap, reason)
      tap = null
      tapPreparation.callLeft()
    },
    withdraw(order) {
      const { purposes, keep } = order
      // The keys are destroyed first, because that needs no database. The event has the next purge do the rest.
      void recorder.withdraw(id, { purposes, at: factAt, keep })
      readyToSpeak = Promise.all([readyToSpeak, answers.withdrawn(order)])
      // The next prompt gets the error.
      readyToSpeak.catch(() => undefined)
    },
    whisper: ({ prompt, language }) => aside.voice.speak(language, prompt, readyToSpeak),
    return(order) {
      if (!decisions.covers(state.answers)) decisions.note(order.decision, state.answers)
      if (tap && order.tapped) recorder.handedOver(tap, clock.now())
      else if (tap) void recorder.abandon(tap, 'withdrawn')
      startReturn(order.next, order.tapped ? tap : null)
      // The dialplan has this tap now. A later visit of the call has a tap of its own.
      tap = null
    },
    'note-return'() {
      dialplanReturn?.channelReentered()
      dialplanReturn = undefined
    },
    'return-unasked'({ decision, reason }) {
      const told = { decision: decisionHere(state), channel: channel.id, ...(reason && { reason }) }
      if (decisions.isMade) journal.note(event('call.passed-through', id, factAt, told))
      else decisions.note(decision, state.answers, reason ?? 'line-not-recorded')
      startReturn({ do: 'continue' }, null)
    },
    'note-departure'({ decision, unprepared, tapped }) {
      hearing.takeSaid(undefined)
      const reason = tapped ? 'service-restarted' : 'left'
      answers.noteUnrecorded(unprepared, reason)
      if (!decisions.covers(state.answers))
        decisions.note(decision, state.answers, tapped ? undefined : reason)
      journal.note(event('call.released', id, factAt, { next: 'continue', tapped, reason }))
      if (tap && !tapped) void recorder.abandon(tap, reason)
      tap = null
      tapPreparation.callLeft()
    },
    end({ decision, cause, phase, unprepared }) {
      hearing.takeSaid(undefined)
      answers.noteUnrecorded(unprepared, 'hung-up')
      decisions.noteAtEnd(decision, state.answers, phase)
      journal.note(event('call.ended', id, factAt, { cause, phase }))
      void recorder.channelGone(id, factAt)
      pauses.end()
      aside.voice.end(factAt)
    },
    ...aside.handlers,
  }

  function execute(order: Order) {
    stopwatch.order(order)
    if (order.order === 'ask-aside') askedAt = factAt
    else if (order.order === 'tell') askedAt = null
    ;(handlers[order.order] as (order: Order) => void)(order)
  }

  const handleChannelFact = createChannelFacts({
    ...{ player, voice: aside.voice, stopwatch, handleFact },
    state: () => state,
  })

  first.orders.forEach(execute)
  pace.moved(lastFact, state.step)
  return {
    id,
    channel: channel.id,
    get step() {
      return state.step
    },
    get line() {
      return state.policy
    },
    get outsider() {
      return outsiderIn(state)
    },
    get standing() {
      return standing(state)
    },
    ...{ pauses, pbx: channel, speaksOn: aside.voice.speaksOn },
    hearKeysOf: peer => channel.hearKeysOf(peer),
    ask(request) {
      if (pauses.isWanted) return 'paused'
      const fact = inquiryFor(state, request, running())
      if (typeof fact === 'string') return fact
      handleFact(fact)
      return 'asked'
    },
    handleChannelFact,
    handleFact,
    get visitEnded() {
      return visit.ended
    },
    abandonReturn: pace.abandon,
  }
}

/**
 * The outcome of a call for the dialplan, as it counts on the caller's current line. A running tap is named only if
 * something is recorded there.
 *
 * @param agreed what the caller's answers allow there
 * @param tap the tap to be started, if any
 */
function outcomeHere(
  call: CallId,
  state: CallState,
  agreed: Agreed,
  tap: string | null,
  recorder: Pick<Recorder, 'recordedPurposes' | 'readyTap'>,
): Pick<Outcome, 'decision' | 'answers' | 'tap' | 'recordedBy'> {
  const isRecorded = recorder.recordedPurposes(call).some(purpose => agreed.has(purpose))
  return {
    ...{ decision: decisionHere(state), answers: answersHere(state), tap },
    recordedBy: tap === null && isRecorded ? (recorder.readyTap(call) ?? null) : null,
  }
}

interface ChannelFactsDeps {
  player: ReturnType<typeof createPromptPlayer>
  voice: ReturnType<typeof createWhisperer>
  stopwatch: Stopwatch
  state(): CallState
  handleFact(fact: Fact, at: number): void
}

/** Takes what the PBX reports about the channel of one call. @returns the function that takes one fact */
function createChannelFacts(deps: ChannelFactsDeps): (fact: ChannelFact) => void {
  const { player, voice, stopwatch, state, handleFact } = deps

  return fact => {
    if (fact.fact === 'playing') {
      stopwatch.playing()
      for (const one of [player, voice]) one.playing(fact.playback, fact.at)
    } else if (fact.fact === 'played')
      for (const one of [player, voice]) one.played(fact.playback, fact.ok, fact.at)
    else if (fact.fact === 'key' && state().step === 'disclosing')
      handleFact({ ...fact, heardMs: player.heardMs(fact.at) ?? null }, fact.at)
    else if (fact.fact === 'with' && fact.peers.length === 0) handleFact({ fact: 'alone' }, fact.at)
    else if (!isForOthers(fact)) handleFact(fact, fact.at)
  }
}

/** Whether a fact does not concern the call itself, but its participants, or a phone that is recorded on the PBX. */
const isForOthers = (
  fact: ChannelFact,
): fact is Extract<
  ChannelFact,
  { fact: 'with' | 'transferred' | 'dials' | 'held' | 'recorded' | 'pbx-records' }
> => ['with', 'transferred', 'dials', 'held', 'recorded', 'pbx-records'].includes(fact.fact)

/** Measures the stages of one call by the monotonic clock, and whether its caller reacts to the questions. */
interface Stopwatch {
  /** The channel is answered. */
  answered(): void
  /** The PBX plays something on the channel. */
  playing(): void
  /** A fact came. Called before the resulting orders. */
  fact(name: FactName): void
  /** An order is about to be carried out. */
  order(order: Order): void
}

/** @param meter receives the measurements; without it, nothing is measured */
function createStopwatch(meter: CallMeter | undefined, clock: Pick<Clock, 'elapsed'>): Stopwatch {
  /** When each unfinished stage began, ms. */
  const begun = new Map<CallStage, number>()
  let keyAt = 0
  let hasPressed = false
  let hasReacted = false

  const begin = (stage: CallStage, at = clock.elapsed()) => void begun.set(stage, at)
  function end(stage: CallStage): void {
    const since = begun.get(stage)
    begun.delete(stage)
    if (since !== undefined) meter?.took(stage, clock.elapsed() - since)
  }

  function noteReaction({ answer, method }: Extract<Order, { order: 'commit' }>): void {
    if (hasReacted || method === 'notice') return
    if (answer !== 'granted' && answer !== 'refused' && answer !== 'silent') return
    hasReacted = true
    meter?.reacted(hasPressed ? 'key' : method === 'voice' ? 'voice' : 'nothing')
  }

  return {
    answered: () => begin('prompt'),
    playing: () => end('prompt'),
    fact(name) {
      if (name === 'key') {
        keyAt = clock.elapsed()
        hasPressed = true
      } else if (name === 'committed') end('decision')
      else if (name === 'commit-failed') begun.delete('decision')
      else if (name === 'returned') end('return')
    },
    order(order) {
      if (order.order === 'return') begin('return')
      // A person who is asked in a conversation is not waiting.
      if (order.order !== 'commit' || order.inConversation) return
      noteReaction(order)
      if (order.method === 'key') begin('decision', keyAt)
    },
  }
}
