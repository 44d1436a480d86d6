import type { AudioBlock } from '../../shared/audio.js'
import { SEGMENT_SAMPLES } from './header.js'

/**
 * Splits a block at segment boundaries without copying its audio. An empty block gives no pieces.
 *
 * @param width bytes per sample
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
