/** One coding in which a prompt is kept, so that the PBX plays it to a channel without transcoding. */
export interface Variant {
  /** File name extension by which Asterisk's format modules know the file (`format_pcm`, `format_g722`, `format_sln`). */
  extension: 'alaw' | 'ulaw' | 'g722' | 'sln' | 'sln16'
  /** What ffmpeg calls the encoder and the headerless format. */
  encoder: string
  format: string
  /** Samples a second. */
  rate: number
  /** Bytes in the file for each ms of sound. */
  bytesPerMs: number
}

/**
 * Headerless streams as Asterisk reads them: G.711 and G.722 at 64 kbit/s (G.722 samples at 16 kHz), and signed
 * linear in little-endian order, from which it makes every other codec of 8 kHz and of 16 kHz and above.
 */
export const VARIANTS: readonly Variant[] = [
  { extension: 'alaw', encoder: 'pcm_alaw', format: 'alaw', rate: 8000, bytesPerMs: 8 },
  { extension: 'ulaw', encoder: 'pcm_mulaw', format: 'mulaw', rate: 8000, bytesPerMs: 8 },
  { extension: 'g722', encoder: 'g722', format: 'g722', rate: 16000, bytesPerMs: 8 },
  { extension: 'sln', encoder: 'pcm_s16le', format: 's16le', rate: 8000, bytesPerMs: 16 },
  { extension: 'sln16', encoder: 'pcm_s16le', format: 's16le', rate: 16000, bytesPerMs: 32 },
]

/** Raised when the same master would be converted differently, so that old files are made anew. */
export const RECIPE_VERSION = 1
