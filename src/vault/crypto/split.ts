import type { AudioBlock } from '../../shared/audio.js'
import { SEGMENT_SAMPLES } from './header.js'

/**
 * A block cut where segments meet, without copying; empty for an empty block.
 *
 * @param width bytes of one sample
 */
export function splitAtSegments(block: AudioBlock, width: number): AudioBlock[] {
  const pieces: AudioBlock[] = []
  let { sample, bytes } = block
  while (bytes.length > 0) {
    const room = (SEGMENT_SAMPLES - (sample % SEGMENT_SAMPLES)) * width
    pieces.push({ ...block, sample, bytes: bytes.subarray(0, room) })
    bytes = bytes.subarray(room)
    sample += room / width
  }
  return pieces
}
