import { type Hash, nodeHash, splitPoint } from './hash.js'

/** Leaves `[from, to)` of a tree. Each hash of a proof is the Merkle Tree Hash of one range. */
export interface LeafRange {
  from: number
  to: number
}

/** The ranges of the audit path of leaf `index` in a tree of `size` leaves (RFC 6962, 2.1.1), from the sibling upwards. */
export function inclusionRanges(index: number, size: number, from = 0): LeafRange[] {
  if (size === 1) return []
  const k = splitPoint(size)
  const [left, right] = halves(from, k, size)
  return index < k
    ? [...inclusionRanges(index, k, from), right]
    : [...inclusionRanges(index - k, size - k, from + k), left]
}

/**
 * The ranges of the proof that the tree of `size` leaves extends the tree of `earlier` leaves (RFC 6962, 2.1.2).
 *
 * @param earlier 0 < earlier ≤ size
 */
export function consistencyRanges(earlier: number, size: number, from = 0, isRoot = true): LeafRange[] {
  if (earlier === size) return isRoot ? [] : [{ from, to: from + size }]
  const k = splitPoint(size)
  const [left, right] = halves(from, k, size)
  return earlier <= k
    ? [...consistencyRanges(earlier, k, from, isRoot), right]
    : [...consistencyRanges(earlier - k, size - k, from + k, false), left]
}

const halves = (from: number, k: number, size: number): [LeafRange, LeafRange] => [
  { from, to: from + k },
  { from: from + k, to: from + size },
]

/**
 * Computes the root from a leaf and its audit path (RFC 9162, 2.1.3.2).
 *
 * @param leaf hash of the leaf
 * @returns undefined if the path has the wrong length
 */
export function rootFromInclusion(
  leaf: Hash,
  index: number,
  size: number,
  path: readonly Hash[],
): Hash | undefined {
  if (index >= size) return undefined
  let node = index
  let last = size - 1
  let hash = leaf
  for (const sibling of path) {
    if (last === 0) return undefined
    if (isOdd(node) || node === last) {
      hash = nodeHash(sibling, hash)
      for (; !isOdd(node) && node !== 0; node = halve(node)) last = halve(last)
    } else hash = nodeHash(hash, sibling)
    node = halve(node)
    last = halve(last)
  }
  return last === 0 ? hash : undefined
}

/** Whether `proof` proves that the tree of `root` extends the tree of `earlierRoot` (RFC 9162, 2.1.4.2). */
export function isConsistent(
  earlier: number,
  earlierRoot: Hash,
  size: number,
  root: Hash,
  proof: readonly Hash[],
): boolean {
  if (earlier === 0 || earlier > size) return earlier === 0 && proof.length === 0
  if (earlier === size) return proof.length === 0 && earlierRoot === root
  let node = earlier - 1
  let last = size - 1
  for (; isOdd(node); node = halve(node)) last = halve(last)
  // If the earlier tree is perfect, its root is the first node, and the proof omits it.
  const [first, ...rest] = node === 0 ? [earlierRoot, ...proof] : proof
  if (first === undefined) return false
  let old = first
  let now = first
  for (const hash of rest) {
    if (last === 0) return false
    if (isOdd(node) || node === last) {
      old = nodeHash(hash, old)
      now = nodeHash(hash, now)
      for (; !isOdd(node) && node !== 0; node = halve(node)) last = halve(last)
    } else now = nodeHash(now, hash)
    node = halve(node)
    last = halve(last)
  }
  return last === 0 && old === earlierRoot && now === root
}

const isOdd = (n: number): boolean => n % 2 === 1
const halve = (n: number): number => Math.floor(n / 2)
