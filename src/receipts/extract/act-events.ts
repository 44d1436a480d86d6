import { personalHash } from '../../lib/canonical-json.js'
import type { Checkpoint } from '../../log/notes/checkpoint.js'
import { isProven, tryParseLeaf, unprovenMessage } from '../check-signed-checkpoint.js'
import { type ActStatement, type ExtractEvent, statementOf } from './extract.js'

/** Checks the events of one act in the order of the file: the destructions, then the event that closed the act. */
export class ActEvents {
  readonly #checkpoint: Checkpoint
  /** The act of each destroyed recording, by recording. */
  readonly #destroyed = new Map<unknown, unknown>()
  #closed: ActStatement | undefined
  #lastIndex = -1

  constructor(checkpoint: Checkpoint) {
    this.#checkpoint = checkpoint
  }

  /** Number of events. */
  get size(): number {
    return this.#destroyed.size + (this.#closed ? 1 : 0)
  }

  /** @returns what is wrong with the event; undefined if nothing is */
  add(event: ExtractEvent): string | undefined {
    const leaf = tryParseLeaf(event.leaf)
    const name = leaf?.type ?? 'invalid event'
    if (!leaf || !isProven(event, this.#checkpoint)) return unprovenMessage(name, event.index)
    const { personal } = event
    if (personal && personalHash(Buffer.from(personal.salt, 'hex'), personal.data) !== leaf.personal)
      return `the personal data of this ${name} differs from what was logged`
    if (event.index <= this.#lastIndex) return `this ${name} is not in the order of the log`
    this.#lastIndex = event.index
    const { recording, act } = leaf.data
    if (this.#closed) return `this ${name} follows the event that closed the act`
    if (leaf.type === 'act.closed') this.#closed = statementOf(leaf, personal)
    else if (leaf.type !== 'recording.destroyed') return `this ${name} is not the destruction of a recording`
    else if (this.#destroyed.has(recording)) return 'an earlier event destroyed the same recording'
    else this.#destroyed.set(recording, act)
    return undefined
  }

  /** The act's statement after all events were added, or what is missing. */
  statement(): ActStatement | string {
    if (!this.#closed) return 'the event that closed the act is missing'
    const { act, recordings } = this.#closed
    const foreign = [...this.#destroyed.values()].filter(other => other !== act)
    if (foreign.length > 0) return `recordings that were destroyed in another act: ${foreign.length}`
    return this.#destroyed.size === recordings
      ? this.#closed
      : `recordings in the act: ${recordings}, in this extract: ${this.#destroyed.size}`
  }
}
