/** A coding of prompts that the PBX plays without transcoding. */
export interface Variant {
  /** File name extension for Asterisk's format modules (`format_pcm`, `format_g722`, `format_sln`). */
  extension: 'alaw' | 'ulaw' | 'g722' | 'sln' | 'sln16'
  /** ffmpeg's name of the encoder. */
  encoder: string
  /** ffmpeg's name of the headerless format. */
  format: string
  /** Samples a second. */
  rate: number
  /** Bytes of the file for each ms of sound. */
  bytesPerMs: number
  /** Silence before the sound, ms: whole frames. */
  leadMs: number
}

/**
 * Silence before a prompt in G.722, ms. While the encoder of a file starts from its initial state, the decoder of a
 * telephone still adapts to the previous prompt, or to one that a key cut. Without the silence, the first word may be a
 * burst at full scale. With it, the first word is heard within 100 ms as in the other codings.
 */
const G722_LEAD_MS = 60

/**
 * Headerless streams for Asterisk: G.711 and G.722 at 64 kbit/s (G.722 samples at 16 kHz), and signed linear, little-endian, at
 * 8 and 16 kHz, from which Asterisk encodes all other codecs.
 */
export const VARIANTS: readonly Variant[] = [
  { extension: 'alaw', encoder: 'pcm_alaw', format: 'alaw', rate: 8000, bytesPerMs: 8, leadMs: 0 },
  { extension: 'ulaw', encoder: 'pcm_mulaw', format: 'mulaw', rate: 8000, bytesPerMs: 8, leadMs: 0 },
  { extension: 'g722', encoder: 'g722', format: 'g722', rate: 16000, bytesPerMs: 8, leadMs: G722_LEAD_MS },
  { extension: 'sln', encoder: 'pcm_s16le', format: 's16le', rate: 8000, bytesPerMs: 16, leadMs: 0 },
  { extension: 'sln16', encoder: 'pcm_s16le', format: 's16le', rate: 16000, bytesPerMs: 32, leadMs: 0 },
]

/** Version of the conversion. A higher one causes old files to be converted again. */
export const RECIPE_VERSION = 2
