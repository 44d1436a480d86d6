import { randomBytes } from 'node:crypto'
import type { AudioBlock } from '../../../src/core/audio.js'
import { codeOf, type ErrorCode } from '../../../src/core/errors.js'
import { newCallId, newEventId, newPartId, newRecordingId } from '../../../src/core/ids.js'
import { generateIdentity, parseIdentities, parseRecipients } from '../../../src/vault/crypto/keygen.js'
import { openPart } from '../../../src/vault/crypto/part-opener.js'
import { createPartSealer } from '../../../src/vault/crypto/part-sealer.js'
import type { Identity, PartInfo, Recipient } from '../../../src/vault/crypto/types.js'
import type { ObjectSource } from '../../../src/vault/store/store.js'

export const STARTED = Date.UTC(2026, 0, 15, 12)

export function keyPair(purpose = 'service'): { recipients: Recipient[]; identities: Identity[] } {
  const { recipient, identity } = generateIdentity(purpose)
  return {
    recipients: parseRecipients(JSON.stringify([recipient])),
    identities: parseIdentities(JSON.stringify([identity])),
  }
}

export const partInfo = (change: Partial<PartInfo> = {}): PartInfo => ({
  recording: newRecordingId(),
  part: newPartId(),
  number: 1,
  call: newCallId(),
  line: '100',
  purpose: 'service',
  basis: newEventId(),
  codec: 'alaw',
  ...change,
})

export const block = (leg: 'caller' | 'agent', sample: number, bytes: Uint8Array): AudioBlock => ({
  leg,
  sample,
  bytes,
  arrivedAt: STARTED + sample,
})

export interface SealedPart {
  info: PartInfo
  wrappedKey: Buffer
  header: Buffer
  records: Buffer[]
  /** The complete container. */
  bytes: Buffer
}

/** Seals blocks into a complete container. The bytes of each block are overwritten once it is sealed, as those of a tap are. */
export function sealPart(info: PartInfo, recipients: Recipient[], blocks: AudioBlock[]): SealedPart {
  const sealer = createPartSealer(info, recipients)
  const header = Buffer.concat(sealer.begin(STARTED).pieces)
  const chunks = blocks.flatMap(block => {
    const bytes = Buffer.from(block.bytes)
    const sealed = sealer.seal({ ...block, bytes })
    bytes.fill(0)
    return sealed
  })
  const records = [...chunks, ...sealer.finish()].map(({ pieces }) => Buffer.concat(pieces))
  return { info, wrappedKey: sealer.wrappedKey, header, records, bytes: Buffer.concat([header, ...records]) }
}

/** Blocks of both legs across the end of the first segment, at different offsets. */
export const smallTalk = (): AudioBlock[] => [
  block('caller', 0, randomBytes(5)),
  block('agent', 0, randomBytes(16)),
  block('caller', 79_990, randomBytes(20)),
  block('agent', 79_998, randomBytes(7)),
  block('caller', 80_010, randomBytes(3)),
]

/** The number of pieces of `smallTalk`: the third block is cut at the end of the segment, and so is the fourth. */
export const SMALL_TALK_PIECES = 7

/** An `ObjectSource` in memory. */
export const sourceOf = (bytes: Buffer): ObjectSource => ({
  size: bytes.length,
  read: async (offset, length) => bytes.subarray(offset, offset + length),
  sync: async () => {},
  close: async () => {},
})

export interface Released {
  blocks: AudioBlock[]
  complete: boolean
  refused: ErrorCode | undefined
}

/** Reads all blocks of a container until it ends or fails. */
export async function release(
  bytes: Buffer,
  wrappedKey: Buffer,
  identities: Identity[],
  fromSegment = 0,
): Promise<Released> {
  const blocks: AudioBlock[] = []
  try {
    const part = await openPart(sourceOf(bytes), wrappedKey, identities)
    for await (const block of part.blocks(fromSegment)) blocks.push(block)
    part.close()
    return { blocks, complete: part.complete, refused: undefined }
  } catch (error) {
    const refused = codeOf(error)
    if (!refused) throw error
    return { blocks, complete: false, refused }
  }
}

/** Describes each block in one line, for comparison. */
export const describe = (blocks: AudioBlock[]): string[] =>
  blocks.map(
    ({ leg, sample, arrivedAt, bytes }) =>
      `${leg} ${sample} ${arrivedAt} ${Buffer.from(bytes).toString('hex')}`,
  )

/** Whether the blocks read are a prefix of the sealed blocks. */
export const isPrefix = (released: AudioBlock[], sealed: string[]): boolean =>
  describe(released).every((line, i) => line === sealed[i])
