import { AppError } from '../../core/errors.js'
import { ED25519, parseVerifier, type Verifier } from './note.js'
import { keyText, parseRotation, type Rotation, statementsIn } from './rotation.js'

/** Trusted verifier keys of logs and witnesses, and statements by which the keys of logs were rotated. */
export interface Trust {
  keys: readonly string[]
  /** Signed notes, from a source as trusted as that of the keys. */
  rotations: readonly string[]
}

/**
 * Finds keys and statements in the text of a file, such as `key.pub`, `rotations.txt`, or the output of `consentry
 * log`.
 *
 * @throws AppError `request.invalid` for a statement without both signatures, because it could not end the former key
 */
export function trustIn(text: string): Trust {
  const keys = text
    .split('\n')
    .map(line => line.trim())
    .filter(line => parseVerifier(line))
  const rotations = statementsIn(text)
  if (rotations.every(parseRotation)) return { keys, rotations }
  throw new AppError('request.invalid', "a statement about the log's key is not signed by both keys")
}

/** Joins the trust of several sources. */
export const joinTrust = (all: readonly Trust[]): Trust => ({
  keys: [...new Set(all.flatMap(({ keys }) => keys))],
  rotations: [...new Set(all.flatMap(({ rotations }) => rotations))],
})

/**
 * The trusted keys of logs. A statement extends the trust from the former key to the next one. It also ends the former
 * key, which is then trusted only for checkpoints up to the statement's size. It does not extend trust backwards.
 */
export class TrustedLogKeys {
  readonly #keys = new Map<string, Verifier>()
  readonly #rotations: readonly Rotation[]

  constructor({ keys, rotations }: Trust) {
    this.#rotations = rotations.map(parseRotation).filter(rotation => rotation !== undefined)
    for (const key of keys) {
      const verifier = parseVerifier(key)
      if (verifier?.type === ED25519) this.#keys.set(key, verifier)
    }
    for (let before = -1; before < this.#keys.size; ) {
      before = this.#keys.size
      for (const { from, to } of this.#rotations)
        if (this.#keys.has(keyText(from))) this.#keys.set(keyText(to), to)
    }
  }

  has(key: string): boolean {
    return this.#keys.has(key)
  }

  /** The trusted keys of a log. */
  of(origin: string): Verifier[] {
    return [...this.#keys.values()].filter(({ name }) => name === origin)
  }

  /** True if the statements let this key sign a checkpoint of this size. */
  permits(key: Verifier, size: number): boolean {
    return this.#rotations.every(
      ({ from, to, ...rotation }) =>
        (keyText(from) !== keyText(key) || size <= rotation.size) &&
        (keyText(to) !== keyText(key) || size > rotation.size),
    )
  }

  /** True if a statement names a key of a trusted statement in the same role, and is a different statement. */
  contradicts({ from, to, note }: Rotation): boolean {
    return this.#rotations.some(
      one => one.note !== note && (keyText(one.from) === keyText(from) || keyText(one.to) === keyText(to)),
    )
  }
}
