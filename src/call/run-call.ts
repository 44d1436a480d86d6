import { needsDisclosure } from '../consent/answer-heard.js'
import { callAnswers } from '../consent/commit-answer.js'
import { atMost } from '../shared/at-most.js'
import { AppError, codeOf } from '../shared/errors.js'
import { type Decision, event, type PromptEnd, type PromptRole } from '../shared/events.js'
import type { CallId, ChannelId } from '../shared/ids.js'
import type { LinePolicy, NextStep, Purpose } from '../shared/policy.js'
import { next } from './call-machine.js'
import type { Next } from './call-moves.js'
import { answersOf, type Fact, type FactName, type Order, recordable } from './call-states.js'
import { pauseSwitch } from './pause-switch.js'
import type { CallChannel, ChannelFact, Grant } from './ports.js'
import { preparation } from './preparation.js'
import { stopLeftoverPlaybacks } from './prompt-ids.js'
import { promptPlayer } from './prompt-player.js'
import { type DialplanReturn, returnToDialplan } from './return-to-dialplan.js'
import { beginVisit, type CallDeps, type RecoveredState, type RunningCall } from './running-call.js'
import { whisperer } from './whisperer.js'
import { termsOf } from './withdrawal.js'

/** How long the confirmation of a withdrawal waits until that is stored, ms; a journal without its database takes 4 s. */
const KEPT_MS = 5_000

const nothing: RecoveredState = { decided: false, grants: [], tap: null }

const promptEnds: Partial<Record<FactName, PromptEnd>> = {
  key: 'key',
  'hanging-up': 'hangup',
  'hung-up': 'hangup',
}

/**
 * Runs one call: each fact goes through the machine, each order that comes of it is carried out here.
 * @param first where the call begins, and the orders it begins with
 */
export function runCall(
  id: CallId,
  channel: CallChannel,
  first: Next,
  deps: CallDeps,
  from = nothing,
): RunningCall {
  const { journal, recorder, clock, log } = deps
  const grants = new Map<Purpose, Grant>(from.grants.map(grant => [grant.purpose, grant]))
  const answers = callAnswers(journal)
  let state = first.state
  let at = clock.now()
  let cause: FactName = 're-entered'
  let askedAt: number | null = null
  /** Resolves when the channel is answered and the withdrawal is stored. Prompts start after it. */
  let ready: Promise<unknown> = Promise.resolve()
  let tap = from.tap
  /** How many answers the last decision rests on; null before the first. */
  let decidedOn = from.decided ? state.answers.length : null
  /** Counts commits. That one succeeded is of no interest once a later one has begun. */
  let commits = 0
  let stopWaiting = () => {}
  /** The release whose outcome the machine has not heard yet. */
  let releasing: DialplanReturn | undefined
  /** An event or an answer about the channel was lost, so another application may have it by now. */
  let doubtful = false
  const dropped = new AbortController()
  let visit = beginVisit()
  if (state.step === 'talking') visit.end()

  const refused = (error: unknown) => {
    const gone = error instanceof AppError && error.endsCall
    tell(gone ? { fact: 'hung-up', cause: null } : { fact: 'fault', reason: codeOf(error) ?? 'unknown' })
  }
  const player = promptPlayer({
    call: id,
    channel,
    prompts: deps.prompts,
    journal,
    clock,
    heard: () => tell({ fact: 'heard' }),
    fault: reason => tell({ fact: 'fault', reason }),
    refused,
  })

  const aside = whisperer({ call: id, channel, prompts: deps.prompts, journal, clock })
  const pauses = pauseSwitch({ call: id, recorder, clock, policy: () => state.policy })

  function tell(fact: Fact, when = clock.now()) {
    at = when
    cause = fact.fact
    doubtful = fact.fact === 'fault' || (doubtful && fact.fact !== 're-entered')
    const step = next(state, fact)
    if (state.step === 'talking' && step.state.step !== 'talking') visit = beginVisit()
    state = step.state
    step.orders.forEach(execute)
    if (state.step === 'talking' || state.step === 'ended') visit.end()
  }

  const policy = (): LinePolicy => state.policy
  const given = (order: Extract<Order, { order: 'commit' | 'note' }>) => ({
    call: id,
    purposes: order.purposes,
    answer: order.answer,
    method: order.order === 'commit' ? order.method : ('none' as const),
    at,
    afterMs: askedAt === null ? null : Math.max(0, Math.round(at - askedAt)),
    terms: termsOf(policy()),
    reason: order.reason,
    digit: order.order === 'commit' ? order.digit : undefined,
  })

  async function commit(order: Extract<Order, { order: 'commit' }>) {
    commits += 1
    const own = commits
    try {
      for (const grant of await answers.commit(given(order))) grants.set(grant.purpose, grant)
      if (own === commits) tell({ fact: 'committed' })
    } catch (error) {
      log.error({ call: id, code: codeOf(error) }, 'an answer could not be journalled and does not count')
      tell({ fact: 'commit-failed', purposes: order.purposes })
    }
  }

  const taps = preparation(id, deps, {
    async ready(made, granted) {
      tap = made
      tell({ fact: 'prepared' })
      // The yes may have been taken back meanwhile, when there was nothing yet to stop.
      const taken = state.answers.flatMap(one =>
        one.withdrawn && granted.some(({ purpose }) => purpose === one.purpose) ? [one.purpose] : [],
      )
      if (taken.length > 0) void recorder.withdraw(id, { purposes: taken, at: clock.now(), keep: false })
      if (state.step === 'ended') await recorder.channelGone(id)
    },
    failed: () => tell({ fact: 'prepare-failed' }),
  })

  function unrecorded(purposes: readonly Purpose[], reason: string) {
    for (const purpose of purposes)
      journal.note(event('recording.failed', id, at, { recording: null, purpose, reason }))
  }

  const decide = (decision: Decision, reason?: string) => {
    journal.note(event('call.decided', id, at, { decision, ...(reason ? { reason } : {}) }))
    decidedOn = state.answers.length
  }

  /** Reports silence after `ms`, unless another wait begins before. */
  function wait(ms: number) {
    stopWaiting()
    stopWaiting = clock.after(ms, () => tell({ fact: 'silence' }))
  }

  const speak = (role: PromptRole, prompt: string) => void player.play(policy().language, role, prompt, ready)
  function giveToDialplan(
    { next, decision }: { next: NextStep; decision: Decision },
    withTap: string | null,
  ) {
    const recordedBy = withTap ? null : (recorder.readyTap(id) ?? null)
    const own = returnToDialplan(
      channel,
      {
        ...{ id, next, decision, tap: withTap, recordedBy, doubtful, dropped: dropped.signal },
        answers: answersOf(state.answers),
      },
      deps,
    )
    releasing = own
    void own.outcome.then(fact => {
      if (releasing !== own) return
      tell(fact)
      if (withTap) deps.taps?.watch(channel, withTap, () => releasing === own && state.step === 'talking')
    })
  }

  const carryOut: { [O in Order['order']]: (order: Extract<Order, { order: O }>) => void } = {
    'stop-leftover-prompts'() {
      ready = stopLeftoverPlaybacks(channel)
    },
    answer() {
      askedAt = null
      ready = ready.then(() => channel.answer())
      ready.then(() => journal.note(event('call.answered', id, clock.now(), {})), refused)
    },
    disclose: ({ prompt }) => speak('disclosure', prompt),
    apologise: ({ prompt }) => speak('apology', prompt),
    ask({ purpose, attempt, prompt }) {
      askedAt = at
      journal.note(event('consent.asked', id, at, { purpose, attempt }))
      speak('question', prompt)
    },
    confirm({ role, prompt }) {
      askedAt = null
      speak(role, prompt)
    },
    'stop-prompt': () => player.stop(promptEnds[cause] ?? 'fault', at),
    wait: ({ ms }) => wait(ms),
    'stop-waiting': () => stopWaiting(),
    'ignore-key': ({ purpose, reason }) =>
      journal.note(event('consent.key-ignored', id, at, { purpose, reason })),
    commit: order => void commit(order),
    note: order => answers.note(given(order)),
    prepare: ({ purposes }) =>
      void taps.prepare(
        policy().number,
        purposes.flatMap(purpose => grants.get(purpose) ?? []),
      ),
    'hurry-tap'({ ms }) {
      taps.press()
      wait(ms)
    },
    'give-up-tap': () => taps.giveUp(),
    'drop-purposes'({ purposes }) {
      unrecorded(purposes, 'line-not-recorded')
      if (tap) void recorder.abandon(tap, 'line-not-recorded')
      tap = null
    },
    withdraw({ purposes, keep }) {
      // First the keys, which need no database; the event makes sure that whatever is left is done later.
      void recorder.withdraw(id, { purposes, at, keep })
      const kept = journal.noteDurably(event('consent.withdrawn', id, at, { purposes: [...purposes], keep }))
      ready = Promise.all([ready, atMost(clock, KEPT_MS, kept)])
    },
    whisper: ({ prompt, language }) => aside.speak(language, prompt, ready),
    return(order) {
      if (decidedOn !== state.answers.length) decide(order.decision)
      if (tap && order.tapped) recorder.handedOver(tap, clock.now())
      else if (tap) void recorder.abandon(tap, 'withdrawn')
      giveToDialplan(order, order.tapped ? tap : null)
      // It is the dialplan's now. Should the call come back, what happens there does not concern it.
      tap = null
    },
    'note-return'() {
      releasing?.overtaken()
      releasing = undefined
    },
    'return-unasked'({ decision, reason = 'line-not-recorded' }) {
      if (decidedOn !== null)
        journal.note(event('call.passed-through', id, at, { decision, channel: channel.id }))
      else decide(decision, reason)
      giveToDialplan({ next: { do: 'continue' }, decision }, null)
    },
    'note-departure'({ decision, unprepared, tapped }) {
      const reason = tapped ? 'service-restarted' : 'left'
      unrecorded(unprepared, reason)
      if (decidedOn !== state.answers.length) decide(decision, tapped ? undefined : reason)
      journal.note(event('call.released', id, at, { next: 'continue', tapped, reason }))
      if (tap && !tapped) void recorder.abandon(tap, reason)
      tap = null
      taps.forget()
    },
    end({ decision, cause: code, phase, unprepared }) {
      unrecorded(unprepared, 'hung-up')
      if (decidedOn === null) decide(decision)
      journal.note(event('call.ended', id, at, { cause: code, phase }))
      void recorder.channelGone(id)
      pauses.end()
      aside.end(at)
    },
  }

  const execute = (order: Order) => (carryOut[order.order] as (order: Order) => void)(order)

  function hear(fact: ChannelFact): void {
    if (fact.fact === 'playing') for (const one of [player, aside]) one.playing(fact.playback, fact.at)
    else if (fact.fact === 'played')
      for (const one of [player, aside]) one.played(fact.playback, fact.ok, fact.at)
    else if (fact.fact === 'key' && isTooEarly(fact.digit)) {
      const data = { purpose: state.open[0]!.purpose, reason: 'too-early' } as const
      journal.note(event('consent.key-ignored', id, fact.at, data))
    } else if (fact.fact !== 'with') tell(fact, fact.at)
  }

  /** A key that came before the caller heard anything of the disclosure, and that must not count without it. */
  const isTooEarly = (digit: string): boolean =>
    state.step === 'disclosing' && !player.begun && needsDisclosure(policy(), digit, state.open.length)

  function hearKeysOf(peers: readonly ChannelId[]): void {
    if (peers.length === 0) return
    channel.hearKeysOf(peers).catch(error => {
      log.warn({ call: id, code: codeOf(error) }, 'the keys of an agent cannot be heard')
    })
  }

  first.orders.forEach(execute)
  return {
    id,
    channel: channel.id,
    get step() {
      return state.step
    },
    get recordable() {
      return state.answers.some(recordable)
    },
    speaksOn: aside.speaksOn,
    pauses,
    hearKeysOf,
    hear,
    tell,
    get visitOver() {
      return visit.over
    },
    drop: () => dropped.abort(),
  }
}
