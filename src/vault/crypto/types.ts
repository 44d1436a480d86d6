import type { Codec } from '../../core/audio.js'
import type { CallId, EventId, PartId, RecordingId } from '../../core/ids.js'
import type { Secret } from '../../core/secret.js'

export type { SealedChunk } from './sealed-chunk.js'

/** The public half of a key pair. The key files of its purpose are sealed for it. */
export interface Recipient {
  purpose: string
  /** Name of the key pair. Key files contain it. */
  keyId: string
  /** X25519, 32 bytes. */
  publicKey: Uint8Array
}

/** The secret half of a key pair. It opens recordings of its purpose and is never on a host that only records. */
export interface Identity {
  purpose: string
  keyId: string
  publicKey: Uint8Array
  /** X25519, 32 bytes. */
  secretKey: Secret<Uint8Array>
}

/** What identifies one part of a recording. The container's header has it unencrypted, and the commitment protects it. */
export interface PartInfo {
  recording: RecordingId
  part: PartId
  /** Number of the part in its recording, from 1. */
  number: number
  call: CallId
  /** The dialled number whose policy applies. */
  line: string
  purpose: string
  /** The committed event that allows this recording. */
  basis: EventId
  codec: Codec
}
