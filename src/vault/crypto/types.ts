import type { Codec } from '../../shared/audio.js'
import type { CallId, EventId, PartId, RecordingId } from '../../shared/ids.js'
import type { Secret } from '../../shared/secret.js'

export type { SealedChunk } from './sealed-chunk.js'

/** Whom a purpose's recordings are sealed for: the public half of an identity. */
export interface Recipient {
  purpose: string
  /** Name of the key pair, as it stands in key files. */
  keyId: string
  /** X25519, 32 bytes. */
  publicKey: Uint8Array
}

/** Who can open a purpose's recordings. Only where recordings are opened, never on a host that only records. */
export interface Identity {
  purpose: string
  keyId: string
  publicKey: Uint8Array
  /** X25519, 32 bytes. */
  secretKey: Secret<Uint8Array>
}

/** What one part of a recording is bound to; stands in its header, readable by all and alterable by none. */
export interface PartInfo {
  recording: RecordingId
  part: PartId
  /** Place of the part in its recording, from 1. */
  number: number
  call: CallId
  /** The dialled number whose policy applied. */
  line: string
  purpose: string
  /** The committed event that allows this recording. */
  basis: EventId
  codec: Codec
}
