import { hash } from 'node:crypto'

/** Bytes of a SHA-256 hash. */
export const HASH_BYTES = 32

/** Root of a tree without leaves: the hash of nothing (RFC 6962, 2.1). */
export const EMPTY_ROOT = hash('sha256', '', 'buffer')

/** Leaves and nodes are hashed in here: a buffer of its own for each of a million leaves costs more than the hash. */
const leafInput = Buffer.alloc(1 + 0xffff)
const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES)
nodeInput[0] = 1

/** One hash, as a string of 32 Latin-1 characters: half the cost of a Buffer where there are millions of them. */
export type Hash = string

export const toHash = (bytes: Uint8Array): Hash => Buffer.from(bytes).toString('binary')
export const toBytes = (hash: Hash): Buffer => Buffer.from(hash, 'binary')

/**
 * Hash of a leaf (RFC 6962, 2.1).
 *
 * @param leaf at most 65,535 bytes of UTF-8
 */
export function leafHash(leaf: string | Uint8Array): Hash {
  leafInput[0] = 0
  let length: number
  if (typeof leaf === 'string') length = leafInput.write(leaf, 1)
  else {
    leafInput.set(leaf, 1)
    length = leaf.length
  }
  return hash('sha256', leafInput.subarray(0, length + 1), 'binary')
}

/** Hash of an inner node (RFC 6962, 2.1). */
export function nodeHash(left: Hash, right: Hash): Hash {
  nodeInput.write(left, 1, 'latin1')
  nodeInput.write(right, 1 + HASH_BYTES, 'latin1')
  return hash('sha256', nodeInput, 'binary')
}

/** Root over hashes of one height, whose number is a power of two. */
export function perfectRoot(hashes: readonly Hash[], from = 0, count = hashes.length): Hash {
  if (count === 1) return hashes[from]!
  const half = count / 2
  return nodeHash(perfectRoot(hashes, from, half), perfectRoot(hashes, from + half, half))
}

/** The largest power of two below `n`, for n > 1. */
export function splitPoint(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}
