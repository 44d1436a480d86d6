import { AppError } from '../../core/errors.js'
import { KEY_BYTES } from './derive.js'
import { uuidBytes } from './header.js'
import { sodiumModule, withHeap } from './heap.js'
import type { Identity, PartInfo, Recipient } from './types.js'

/** Bytes that `crypto_box_seal` adds to a message: an ephemeral public key and a MAC. */
const SEAL_OVERHEAD = 48
/** Length in bytes of one sealed data key with its part id. */
const SEALED_BYTES = KEY_BYTES + 16 + SEAL_OVERHEAD

/** A key file: JSON in UTF-8 that holds one sealed copy of the data key for each recipient. */
interface KeyFile {
  consentryKey: 1
  part: string
  keys: { keyId: string /** `crypto_box_seal(data key ‖ part id)`, base64. */; sealed: string }[]
}

/**
 * Seals a data key for every recipient.
 *
 * @param part id of the part that the key belongs to
 * @returns the content of the part's key file
 */
export function wrapKey(dataKey: Uint8Array, part: string, recipients: Recipient[]): Buffer {
  const keys = recipients.map(({ keyId, publicKey }) => {
    const sealed = withHeap(heap => {
      const out = heap.allocate(SEALED_BYTES)
      const message = heap.allocate(KEY_BYTES + 16)
      sodiumModule.HEAPU8.set(dataKey, message)
      sodiumModule.HEAPU8.set(uuidBytes(part), message + KEY_BYTES)
      sodiumModule._crypto_box_seal(out, message, KEY_BYTES + 16, 0, heap.copyIn(publicKey))
      return heap.copyOut(out, SEALED_BYTES)
    })
    return { keyId, sealed: sealed.toString('base64') }
  })
  const file: KeyFile = { consentryKey: 1, part, keys }
  return Buffer.from(`${JSON.stringify(file)}\n`)
}

/**
 * Opens the data key in a key file. The caller must wipe the key.
 *
 * @param wrapped content of the key file
 * @returns the data key, 32 bytes
 * @throws AppError `key.missing` if the file is sealed for none of the identities; `key.refused` if the file is damaged,
 *   belongs to another part, or does not open
 */
export function unwrapKey(
  wrapped: Buffer,
  info: Pick<PartInfo, 'part' | 'purpose'>,
  identities: Identity[],
): Buffer {
  const file = parseKeyFile(wrapped)
  for (const identity of identities) {
    const entry = file.keys.find(({ keyId }) => keyId === identity.keyId)
    if (!entry || identity.purpose !== info.purpose) continue
    const opened = unseal(Buffer.from(entry.sealed, 'base64'), identity)
    if (!opened)
      throw new AppError(
        'key.refused',
        `the key file of part ${info.part} does not open with identity ${identity.keyId}`,
      )
    const same = opened.subarray(KEY_BYTES).equals(uuidBytes(info.part))
    if (same) return opened.subarray(0, KEY_BYTES)
    opened.fill(0)
    throw new AppError('key.refused', `the key file holds the key of another part than ${info.part}`)
  }
  throw new AppError(
    'key.missing',
    `none of the identities in use opens part ${info.part} of purpose ${info.purpose}`,
  )
}

/**
 * Returns the ids of the key pairs for which a key file is sealed.
 *
 * @throws AppError `key.refused` if the file is damaged or belongs to another part
 */
export function keyIdsOf(wrapped: Buffer, part: string): string[] {
  const file = parseKeyFile(wrapped)
  if (file.part !== part)
    throw new AppError('key.refused', `the key file belongs to another part than ${part}`)
  return file.keys.map(({ keyId }) => keyId)
}

/**
 * Seals the data key of a key file for other recipients. The data key stays the same, so the container stays as it is.
 *
 * @returns the content of the new key file
 * @throws AppError as `unwrapKey`
 */
export function rewrapKey(
  wrapped: Buffer,
  info: Pick<PartInfo, 'part' | 'purpose'>,
  identities: Identity[],
  recipients: Recipient[],
): Buffer {
  const dataKey = unwrapKey(wrapped, info, identities)
  try {
    return wrapKey(dataKey, info.part, recipients)
  } finally {
    dataKey.fill(0)
  }
}

function unseal(sealed: Buffer, identity: Identity): Buffer | undefined {
  if (sealed.length !== SEALED_BYTES) return undefined
  return withHeap(heap => {
    const length = SEALED_BYTES - SEAL_OVERHEAD
    const out = heap.allocate(length)
    const publicKey = heap.copyIn(identity.publicKey)
    const secretKey = heap.copyIn(identity.secretKey.reveal())
    const refused = sodiumModule._crypto_box_seal_open(
      out,
      heap.copyIn(sealed),
      sealed.length,
      0,
      publicKey,
      secretKey,
    )
    return refused === 0 ? heap.copyOut(out, length) : undefined
  })
}

function parseKeyFile(wrapped: Buffer): KeyFile {
  const file = parseJson(wrapped) as Partial<KeyFile> | null
  const entries: unknown = file?.keys
  const whole =
    file?.consentryKey === 1 &&
    Array.isArray(entries) &&
    entries.every(entry => typeof entry?.keyId === 'string' && typeof entry?.sealed === 'string')
  if (!whole) throw new AppError('key.refused', 'the key file is damaged')
  return file as KeyFile
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return null
  }
}
