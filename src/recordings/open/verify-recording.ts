import { createHash } from 'node:crypto'
import { AppError } from '../../core/errors.js'
import { counted } from '../../lib/plural.js'
import { openPart, readHeader } from '../../vault/crypto/part-opener.js'
import { TOTALS_SEGMENT } from '../../vault/crypto/record.js'
import type { Identity, PartInfo } from '../../vault/crypto/types.js'
import { walkRecords } from '../../vault/crypto/walk-records.js'
import type { ObjectSource } from '../../vault/store/store.js'

export type FaultKind =
  /** A record does not authenticate, or the structure is invalid. */
  | 'container-damaged'
  /** The container is shorter than the journal says, or has no totals although the journal says that it is complete. */
  | 'container-cut'
  /** The container of an ended part is longer than the journal says. */
  | 'container-grown'
  /** The bytes or the number of records differ from the journal. */
  | 'hash-differs'
  /** Header and journal differ. */
  | 'header-differs'
  /** None of the given identities opens the part. */
  | 'key-missing'
  /** The key file is damaged, belongs to another part, or does not fit the container. */
  | 'key-refused'

export interface Fault {
  kind: FaultKind
  what: string
  /** Name of the object. */
  where: string
}

/** Length and hash of a container at one moment, from the journal. */
export interface JournalledProgress {
  chunks: number
  bytes: number
  /** SHA-256 of the first `bytes` bytes, hex. */
  hash: string
}

/** One container, and the facts that it is compared with. */
export interface PartToVerify {
  /** Name of the part in faults. */
  name: string
  source: ObjectSource
  /** From the part's `recording.part-started` and every `recording.progress`, in any order. */
  progress: JournalledProgress[]
  /** `recording.part-ended`; undefined while it runs, or if the service died. */
  ended?: JournalledProgress & { complete: boolean }
  /** The known fields of the header. */
  expected?: Partial<PartInfo>
  /** With key and identities, every record is decrypted. Otherwise only structure and hashes are checked. */
  wrappedKey?: Buffer
  identities?: Identity[]
}

/**
 * Bytes after the journalled end of an ended part are a fault, not uncovered bytes.
 *
 * @returns number of bytes at the end of a container that no journalled hash covers; 0 for an ended part
 */
export const uncoveredBytes = ({ source, progress, ended }: PartToVerify): number =>
  ended ? 0 : Math.max(0, source.size - Math.max(0, ...progress.map(({ bytes }) => bytes)))

/** Checks one container in two passes, in bounded memory. @returns the faults; empty if there are none */
export async function verifyPart(part: PartToVerify): Promise<Fault[]> {
  const { ended, source } = part
  const journalled = [...part.progress, ...(ended ? [ended] : [])].sort((a, b) => a.bytes - b.bytes)
  const read = await readRecords(part)
  const faults = [...read.faults, ...(await checkHashes(source, journalled, read.ends))]
  if (ended && source.size > ended.bytes)
    faults.push({
      kind: 'container-grown',
      what: `${counted(source.size - ended.bytes, 'byte follows', 'bytes follow')} its journalled end`,
    })
  if (ended?.complete && !read.complete && faults.length === 0)
    faults.push({
      kind: 'container-cut',
      what: 'its end is missing, though the journal says that it was written',
    })
  return faults.map(fault => ({ ...fault, where: part.name }))
}

type LocalFault = Omit<Fault, 'where'>

interface RecordsRead {
  faults: LocalFault[]
  /** Offsets at which complete records end, in bytes. */
  ends: number[]
  /** Whether the container has its totals. */
  complete: boolean
}

async function readRecords(part: PartToVerify): Promise<RecordsRead> {
  const ends: number[] = []
  let complete = false
  try {
    const header = await readHeader(part.source)
    const differing = Object.entries(part.expected ?? {}).filter(
      ([name, value]) => header.info[name as keyof PartInfo] !== value,
    )
    const faults = differing.map(
      ([name]): LocalFault => ({
        kind: 'header-differs',
        what: `its header and the journal differ in ${name}`,
      }),
    )
    for await (const record of walkRecords(part.source, header.length, () => false)) {
      ends.push(record.end)
      complete = record.segment === TOTALS_SEGMENT
    }
    if (part.wrappedKey && part.identities) await decryptAll(part.source, part.wrappedKey, part.identities)
    return { faults, ends, complete }
  } catch (error) {
    return { faults: [faultOf(error)], ends, complete }
  }
}

async function decryptAll(source: ObjectSource, wrappedKey: Buffer, identities: Identity[]): Promise<void> {
  const opened = await openPart(source, wrappedKey, identities)
  try {
    for await (const _ of opened.blocks());
  } finally {
    opened.close()
  }
}

function faultOf(error: unknown): LocalFault {
  if (!(error instanceof AppError)) throw error
  if (error.code === 'key.missing') return { kind: 'key-missing', what: error.message }
  if (error.code === 'key.refused') return { kind: 'key-refused', what: error.message }
  if (error.code === 'container.invalid') return { kind: 'container-damaged', what: error.message }
  throw error
}

/** @param journalled by ascending length */
async function checkHashes(
  source: ObjectSource,
  journalled: JournalledProgress[],
  ends: number[],
): Promise<LocalFault[]> {
  const faults: LocalFault[] = []
  const hash = createHash('sha256')
  let at = 0
  for (const { chunks, bytes, hash: expected } of journalled) {
    if (bytes > source.size) {
      const what = `${counted(bytes - source.size, 'byte that the journal knows is', 'bytes that the journal knows are')} missing`
      return [...faults, { kind: 'container-cut', what }]
    }
    for (; at < bytes; ) {
      const piece = await source.read(at, Math.min(READ_BYTES, bytes - at))
      if (piece.length === 0)
        return [...faults, { kind: 'container-cut', what: 'it grew shorter while being read' }]
      hash.update(piece)
      at += piece.length
    }
    const whole = chunks === 0 || ends[chunks - 1] === bytes
    if (hash.copy().digest('hex') !== expected || !whole)
      faults.push({
        kind: 'hash-differs',
        what: `its first ${bytes} bytes differ from the journalled ones`,
      })
  }
  return faults
}

/** Bytes that are read and hashed at a time. */
const READ_BYTES = 1024 * 1024
