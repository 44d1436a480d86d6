import type { CallState, Fact } from '../machine/call-states.js'
import type { ChannelFact } from '../ports.js'
import type { createPromptPlayer } from './prompt-player.js'
import type { Stopwatch } from './stopwatch.js'
import type { createWhisperer } from './whisperer.js'

interface ChannelFactsDeps {
  player: ReturnType<typeof createPromptPlayer>
  voice: ReturnType<typeof createWhisperer>
  stopwatch: Stopwatch
  state(): CallState
  handleFact(fact: Fact, at: number): void
}

/** Takes what the PBX reports about the channel of one call. @returns the function that takes one fact */
export function createChannelFacts(deps: ChannelFactsDeps): (fact: ChannelFact) => void {
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
