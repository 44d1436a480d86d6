/** Longest leaf, bytes. Lengths in an entry bundle are uint16. */
export const MAX_LEAF_BYTES = 0xffff

/** Encodes an entry bundle (C2SP tlog-tiles): each leaf after its length in bytes, big-endian uint16. */
export function encodeBundle(leaves: readonly (string | Uint8Array)[]): Buffer {
  const bytes = Buffer.allocUnsafe(leaves.reduce((sum, leaf) => sum + 2 + Buffer.byteLength(leaf), 0))
  let at = 0
  for (const leaf of leaves) {
    const length = writeLeaf(bytes, leaf, at + 2)
    bytes.writeUInt16BE(length, at)
    at += 2 + length
  }
  return bytes
}

/** The leaves of a bundle, up to the first incomplete one. */
export function decodeBundle(bytes: Buffer): Buffer[] {
  const leaves: Buffer[] = []
  for (let at = 0; at + 2 <= bytes.length; ) {
    const end = at + 2 + bytes.readUInt16BE(at)
    if (end > bytes.length) break
    leaves.push(bytes.subarray(at + 2, end))
    at = end
  }
  return leaves
}

function writeLeaf(bytes: Buffer, leaf: string | Uint8Array, at: number): number {
  if (typeof leaf === 'string') return bytes.write(leaf, at)
  bytes.set(leaf, at)
  return leaf.length
}
