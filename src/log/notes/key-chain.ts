import { parseNote, type Verifier, verifies } from './note.js'
import { keyText, parseRotation, type Rotation } from './rotation.js'

/** The keys of one log, from the first to the newest. Each statement between two of them is signed by both. */
export class KeyChain {
  readonly keys: readonly Verifier[]
  readonly rotations: readonly Rotation[]

  private constructor(keys: readonly Verifier[], rotations: readonly Rotation[]) {
    this.keys = keys
    this.rotations = rotations
  }

  /**
   * The chain that begins with a key. A statement continues it if the newest key so far hands over to a new one, at a
   * larger size than the previous statement. Of two such statements the first in the list counts. Statements that do
   * not continue the chain are left out.
   *
   * @param statements signed notes, in any order
   */
  static from(first: Verifier, statements: readonly string[] = []): KeyChain {
    const known = [...new Set(statements)].map(parseRotation).filter(rotation => rotation !== undefined)
    const [keys, rotations]: [Verifier[], Rotation[]] = [[first], []]
    for (;;) {
      const [names, least] = [keys.map(keyText), rotations.at(-1)?.size ?? 0]
      const next = known.find(
        ({ from, to, size }) =>
          keyText(from) === names.at(-1) && !names.includes(keyText(to)) && size > least,
      )
      if (!next) return new KeyChain(keys, rotations)
      keys.push(next.to)
      rotations.push(next)
    }
  }

  get origin(): string {
    return this.keys[0]!.name
  }

  get newest(): Verifier {
    return this.keys.at(-1)!
  }

  /** The signed statements, oldest first. */
  get statements(): string[] {
    return this.rotations.map(({ note }) => note)
  }

  /** Whether this verifier key is one of them. */
  includes(key: string): boolean {
    return this.keys.some(one => keyText(one) === key)
  }

  /** The key that signs checkpoints of this size. */
  inForce(size: number): Verifier {
    return this.keys[this.rotations.filter(rotation => rotation.size < size).length]!
  }

  /** The chain as it was for checkpoints of this size and smaller. */
  upTo(size: number): KeyChain {
    const rotations = this.rotations.filter(rotation => rotation.size < size)
    return new KeyChain(this.keys.slice(0, rotations.length + 1), rotations)
  }

  /** The key that signs checkpoints of this size and larger ones. */
  since(size: number): string[] {
    return this.keys.slice(this.keys.indexOf(this.inForce(size))).map(keyText)
  }

  /** Whether one of the keys has signed this note, whether or not it was in force. */
  hasSigned(note: string): boolean {
    const parsed = parseNote(note)
    return parsed !== undefined && this.keys.some(key => verifies(parsed, key))
  }
}
