import { createHash } from 'node:crypto'

const sha256 = (...parts: (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** RFC 6962 as section 2.1 states it, word for word and slow. The tests compare the tree with it. */
export class NaiveTree {
  readonly #leaves: Buffer[]
  readonly #memo = new Map<string, string>()

  constructor(leaves: readonly (string | Uint8Array)[]) {
    this.#leaves = leaves.map(leaf => sha256(Buffer.of(0), leaf))
  }

  /** MTH(D[from:to]), as a Latin-1 string. */
  mth(from: number, to: number): string {
    const key = `${from}-${to}`
    const known = this.#memo.get(key)
    if (known !== undefined) return known
    const hash = this.#compute(from, to).toString('latin1')
    this.#memo.set(key, hash)
    return hash
  }

  #compute(from: number, to: number): Buffer {
    if (to === from) return sha256('')
    if (to - from === 1) return this.#leaves[from]!
    let k = 1
    while (k * 2 < to - from) k *= 2
    return sha256(
      Buffer.of(1),
      Buffer.from(this.mth(from, from + k), 'latin1'),
      Buffer.from(this.mth(from + k, to), 'latin1'),
    )
  }
}
