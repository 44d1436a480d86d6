import type { ChannelId } from '../../core/ids.js'
import { noKeys, type TypedKeys, typeKey } from '../machine/key-sequence.js'
import type { RunningCall } from '../run/running-call.js'

/** The keys by which an agent has a caller asked in the conversation, on lines that have such keys. */
export class AskKeys {
  readonly #ask: (call: RunningCall) => void
  /** Keys typed so far, by the caller's channel. */
  readonly #typed = new Map<ChannelId, TypedKeys>()

  /** @param ask asks the person of a call now, if possible */
  constructor(ask: (call: RunningCall) => void) {
    this.#ask = ask
  }

  /** Number of entries about channels. It is 0 without channels. */
  get size(): number {
    return this.#typed.size
  }

  /** An agent who talks with a caller presses a key. @param at ms since the epoch */
  key(call: RunningCall, digit: string, at: number): void {
    const { channel, line } = call
    if (line.askKeys === undefined) return
    const typed = typeKey(this.#typed.get(channel) ?? noKeys, [line.askKeys], digit, at)
    const isComplete = typed.digits === line.askKeys
    this.#typed.set(channel, isComplete ? noKeys : typed)
    if (isComplete) this.#ask(call)
  }

  /** A channel has ended. */
  gone(channel: ChannelId): void {
    this.#typed.delete(channel)
  }
}
