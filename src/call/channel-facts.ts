import { needsDisclosure } from '../consent/answer-heard.js'
import { event } from '../shared/events.js'
import type { CallId } from '../shared/ids.js'
import type { CallState, Fact } from './call-states.js'
import type { ChannelFact } from './ports.js'
import type { createPromptPlayer } from './prompt-player.js'
import type { CallDeps } from './running-call.js'
import type { Stopwatch } from './stopwatch.js'
import type { createWhisperer } from './whisperer.js'

interface ChannelFactsDeps extends Pick<CallDeps, 'journal'> {
  call: CallId
  player: ReturnType<typeof createPromptPlayer>
  voice: ReturnType<typeof createWhisperer>
  stopwatch: Stopwatch
  state(): CallState
  handleFact(fact: Fact, at: number): void
}

/** Takes what the PBX reports about the channel of one call. @returns the function that takes one fact */
export function createChannelFacts(deps: ChannelFactsDeps): (fact: ChannelFact) => void {
  const { call, journal, player, voice, stopwatch, state, handleFact } = deps

  /** A key before the disclosure has begun may be left over from dialling. */
  function handleKeyInDisclosure(key: ChannelFact & { fact: 'key' }) {
    const { policy, open } = state()
    const heardMs = player.heardMs(key.at)
    if (heardMs !== undefined) return handleFact({ ...key, heardMs }, key.at)
    if (!needsDisclosure(policy, key.digit, open.length)) return handleFact(key, key.at)
    stopwatch.fact('key')
    const { purpose } = open[0]!
    journal.note(event('consent.key-ignored', call, key.at, { purpose, reason: 'too-early' }))
  }

  return fact => {
    if (fact.fact === 'playing') {
      stopwatch.playing()
      for (const one of [player, voice]) one.playing(fact.playback, fact.at)
    } else if (fact.fact === 'played')
      for (const one of [player, voice]) one.played(fact.playback, fact.ok, fact.at)
    else if (fact.fact === 'key' && state().step === 'disclosing') handleKeyInDisclosure(fact)
    else if (fact.fact === 'with' && fact.peers.length === 0) handleFact({ fact: 'alone' }, fact.at)
    else if (!isForOthers(fact)) handleFact(fact, fact.at)
  }
}

/** Whether a fact says nothing to the call itself: it concerns who is with whom, or a phone that is recorded on the PBX. */
const isForOthers = (
  fact: ChannelFact,
): fact is Extract<
  ChannelFact,
  { fact: 'with' | 'transferred' | 'dials' | 'held' | 'recorded' | 'pbx-records' }
> => ['with', 'transferred', 'dials', 'held', 'recorded', 'pbx-records'].includes(fact.fact)
