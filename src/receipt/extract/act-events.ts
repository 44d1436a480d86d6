import type { Checkpoint } from '../../tlog/notes/checkpoint.js'
import { isProven, tryParseLeaf, unprovenMessage } from '../check-signed-checkpoint.js'
import { type ActStatement, statementOf } from './extract.js'

/** The events of one act as they are read: the destructions, then the event that closed it. */
export class ActEvents {
  readonly #checkpoint: Checkpoint
  /** Each recording, and the act in which it was destroyed. */
  readonly #destroyed = new Map<unknown, unknown>()
  #closed: ActStatement | undefined
  #lastIndex = -1

  constructor(checkpoint: Checkpoint) {
    this.#checkpoint = checkpoint
  }

  get size(): number {
    return this.#destroyed.size + (this.#closed ? 1 : 0)
  }

  /** @returns what is wrong with it, if anything is */
  add(event: { index: number; leaf: string; path: readonly string[] }): string | undefined {
    const leaf = tryParseLeaf(event.leaf)
    const name = leaf?.type ?? 'what is no event'
    if (!leaf || !isProven(event, this.#checkpoint)) return unprovenMessage(name, event.index)
    if (event.index <= this.#lastIndex) return `this ${name} is not in the order of the log`
    this.#lastIndex = event.index
    const { recording, act } = leaf.data
    if (this.#closed) return `this ${name} came after the act was closed`
    if (leaf.type === 'act.closed') this.#closed = statementOf(leaf)
    else if (leaf.type !== 'recording.destroyed') return `this ${name} is not the destruction of a recording`
    else if (this.#destroyed.has(recording)) return 'this recording was destroyed before'
    else this.#destroyed.set(recording, act)
    return undefined
  }

  /** What the act says, once all were added; or what is missing for it to be so. */
  statement(): ActStatement | string {
    if (!this.#closed) return 'the event that closed the act is missing'
    const { act, recordings } = this.#closed
    const strange = [...this.#destroyed.values()].filter(other => other !== act)
    if (strange.length > 0) return `${strange.length} of these recordings were destroyed in another act`
    return this.#destroyed.size === recordings
      ? this.#closed
      : `the act is over ${recordings} recordings, here are ${this.#destroyed.size}`
  }
}
