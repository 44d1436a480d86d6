import { hash } from 'node:crypto'

/** Length of a SHA-256 hash, bytes. */
export const HASH_BYTES = 32

/** Root of a tree without leaves: the hash of no bytes (RFC 6962, 2.1). */
export const EMPTY_ROOT = hash('sha256', '', 'buffer')

/** Shared inputs of the hash function. A new buffer for each of a million leaves would cost more than the hash. */
const leafInput = Buffer.alloc(1 + 0xffff)
const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES)
nodeInput[0] = 1

/** A hash as a string of 32 Latin-1 characters, which costs half as much as a Buffer for millions of hashes. */
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

/** Root over `count` hashes of one height. @param count a power of two */
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
