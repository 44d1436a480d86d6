import type { Clock } from '../../core/clock.js'
import type { CallStage } from '../../core/ports.js'
import type { FactName, Order } from '../machine/call-states.js'
import type { CallMeter } from '../ports.js'

/** Measures the stages of one call by the monotonic clock, and whether its caller reacts to the questions. */
export interface Stopwatch {
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
export function createStopwatch(meter: CallMeter | undefined, clock: Pick<Clock, 'elapsed'>): Stopwatch {
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
