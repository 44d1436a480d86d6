import { SAMPLE_BYTES, wavHeader } from '../../lib/audio-formats/wav-header.js'

/** Makes a WAV of 16-bit PCM, mono. @param blocks samples from −1 to 1 @param rate samples a second */
export function encodeWav(blocks: readonly Float32Array[], rate: number): Blob {
  const length = blocks.reduce((sum, block) => sum + block.length, 0)
  const pcm = new DataView(new ArrayBuffer(length * SAMPLE_BYTES))
  let at = 0
  for (const block of blocks)
    for (const sample of block) {
      pcm.setInt16(at, Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), true)
      at += SAMPLE_BYTES
    }
  return new Blob([wavHeader({ rate, channels: 1 }, length), pcm], { type: 'audio/wav' })
}
