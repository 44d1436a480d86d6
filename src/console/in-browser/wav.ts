/** Makes a WAV of 16-bit PCM, mono. @param blocks samples from −1 to 1 @param rate samples a second */
export function encodeWav(blocks: readonly Float32Array[], rate: number): Blob {
  const samples = blocks.reduce((sum, block) => sum + block.length, 0)
  const view = new DataView(new ArrayBuffer(44 + 2 * samples))
  const text = (at: number, words: string) => {
    for (let i = 0; i < words.length; i += 1) view.setUint8(at + i, words.charCodeAt(i))
  }
  text(0, 'RIFF')
  view.setUint32(4, 36 + 2 * samples, true)
  text(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, rate, true)
  view.setUint32(28, 2 * rate, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  text(36, 'data')
  view.setUint32(40, 2 * samples, true)
  let at = 44
  for (const block of blocks)
    for (const sample of block) {
      view.setInt16(at, Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), true)
      at += 2
    }
  return new Blob([view.buffer], { type: 'audio/wav' })
}
