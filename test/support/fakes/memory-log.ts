// Fake: the transparency log's database, in memory. Leaves, proofs and signatures are real.
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import type { CallEvent } from '../../../src/core/events.js'
import { separateTyped } from '../../../src/core/typed-text.js'
import { personalHash } from '../../../src/lib/canonical-json.js'
import { checkpointText } from '../../../src/log/notes/checkpoint.js'
import { KeyChain } from '../../../src/log/notes/key-chain.js'
import {
  COSIGNATURE,
  cosign,
  parseVerifier,
  signatureLine,
  signBytes,
  verifierKey,
} from '../../../src/log/notes/note.js'
import { keyText, signRotation } from '../../../src/log/notes/rotation.js'
import { type Hash, leafHash, nodeHash, splitPoint, toBytes } from '../../../src/log/tree/hash.js'
import { leafOf } from '../../../src/log/tree/leaf.js'
import { consistencyRanges, inclusionRanges } from '../../../src/log/tree/proof.js'
import {
  eventLine,
  headLines,
  LAST_LINE,
  type Opening,
  statementOf,
} from '../../../src/receipts/extract/extract.js'
import { parseLeaf } from '../../../src/receipts/leaf.js'
import { receiptOf } from '../../../src/receipts/make-receipt.js'
import type { Receipt } from '../../../src/receipts/receipt.js'
import { selectSignatures } from '../../../src/receipts/signed-checkpoint.js'

const SALT = randomBytes(16)
const ORIGIN = 'test.example/consentry'

/** A transparency log in memory, signed and witnessed once. */
export interface MemoryLog {
  /** The newest key. */
  key: string
  /** All keys, from the first to the newest, and the statements between them. */
  keys: KeyChain
  witness: string
  /** When the witness cosigned, ISO 8601: with the last event, unless it was told another time. */
  cosignedAt: string
  /** Makes a receipt of these events, in this order, with the personal parts for which `keep` returns true. */
  receipt(events: readonly CallEvent[], keep?: (event: CallEvent) => boolean): Receipt
  /** Makes the extract of these events, the last of which closed the act. */
  extract(events: readonly CallEvent[]): string
}

/** Whoever has both can sign anything. */
export interface Signers {
  secret: KeyObject
  witnessSecret: KeyObject
  /** Further keys of the log, each with the size up to which the one before signs. */
  later?: { size: number; secret: KeyObject }[]
}

export const signer = () => generateKeyPairSync('ed25519').privateKey

export const newSigners = (): Signers => ({ secret: signer(), witnessSecret: signer() })

/** Makes a log of these events. Leaves, proofs and signatures are real; there is no database. */
export function memoryLog(
  events: readonly CallEvent[],
  cosignedAt = lastOf(events),
  { secret, witnessSecret, later = [] }: Signers = newSigners(),
): MemoryLog {
  const witness = verifierKey('witness.example', createPublicKey(witnessSecret), COSIGNATURE)
  const leaves = events.map((event, i) => leafOf(row(event, i + 1)))
  const hashes = leaves.map(leaf => leafHash(leaf))
  const secrets = [secret, ...later.map(one => one.secret)]
  const verifiers = secrets.map(one => parseVerifier(verifierKey(ORIGIN, createPublicKey(one)))!)
  const statements = later.map(({ size }, i) =>
    signRotation(
      { from: verifiers[i]!, to: verifiers[i + 1]!, size, root: rootOf(hashes.slice(0, size)) },
      { from: secrets[i]!, to: secrets[i + 1]! },
    ),
  )
  const keys = KeyChain.from(verifiers[0]!, statements)
  const key = keyText(keys.newest)
  const checkpointOf = (size: number) => {
    const text = checkpointText({ origin: ORIGIN, size, root: rootOf(hashes.slice(0, size)) })
    const by = keys.inForce(size)
    const own = signatureLine(by, signBytes(secrets[keys.keys.indexOf(by)]!, text))
    return `${text}\n${own}${cosign(text, 'witness.example', witnessSecret, cosignedAt)}`
  }
  const checkpoint = checkpointOf(leaves.length)
  const earlier = (size: number) => ({
    checkpoint: checkpointOf(size),
    proof: consistencyRanges(size, leaves.length).map(({ from, to }) =>
      toBytes(rootOf(hashes.slice(from, to))).toString('base64'),
    ),
  })
  const prove = (event: CallEvent) => {
    const index = events.indexOf(event)
    const ranges = inclusionRanges(index, leaves.length)
    const path = ranges.map(({ from, to }) => toBytes(rootOf(hashes.slice(from, to))).toString('base64'))
    return { uuid: event.id, index, leaf: leaves[index]!, path }
  }
  const signed = (chosen: readonly CallEvent[]) => ({
    key,
    rotations: statements,
    checkpoint,
    events: chosen.map(prove),
  })
  return {
    key,
    keys,
    witness,
    cosignedAt: new Date(Math.floor(cosignedAt / 1_000) * 1_000).toISOString(),
    extract(chosen) {
      const proof = signed(chosen)
      const lines = proof.events.map(({ index, leaf, path }) => ({ index, leaf, path }))
      const personal = { data: personalOf(chosen.at(-1)!) as Opening['data'], salt: SALT.toString('hex') }
      const closed = { ...lines.pop()!, personal }
      const statement = statementOf(parseLeaf(closed.leaf), personal)
      const head = headLines(statement, selectSignatures(proof, [witness]), statements)
      return `${[...head, ...lines.map(line => `${eventLine(line)},`), eventLine(closed), LAST_LINE].join('\n')}\n`
    },
    receipt(chosen, keep = () => true) {
      const openings = chosen.map(event =>
        event.personal && keep(event) ? { data: event.personal, salt: SALT.toString('hex') } : undefined,
      )
      const places = chosen.map(event => events.indexOf(event))
      const [first, last] = [Math.min(...places), Math.max(...places)]
      const rotated = later.length > 0
      const covering = rotated ? earlier(last + 1) : { checkpoint, proof: [] }
      const before = rotated && first > 0 ? earlier(first) : null
      return receiptOf({ ...signed(chosen), before, covering }, openings, [witness])
    },
  }
}

const lastOf = (events: readonly CallEvent[]): number => Math.max(...events.map(({ at }) => at))

/** What is not in the leaf. Undefined if there is none. */
function personalOf({ type, data, personal }: CallEvent): object | undefined {
  const { typed } = separateTyped(type, data as Record<string, unknown>)
  return typed ? { ...personal, ...typed } : personal
}

const row = (event: CallEvent, place: number) => rowOf(event, personalOf(event), place)

const rowOf = ({ id, call, at, type, data }: CallEvent, personal: object | undefined, place: number) => ({
  id: place,
  uuid: id,
  call_id: call,
  at: new Date(at).toISOString().replace('T', ' ').replace('Z', ''),
  type,
  data: separateTyped(type, data as Record<string, unknown>).open,
  personal_hash: personal ? personalHash(SALT, personal) : null,
})

/** Merkle tree hash by the definition of RFC 6962 section 2.1. */
function rootOf(hashes: readonly Hash[]): Hash {
  if (hashes.length === 1) return hashes[0]!
  const k = splitPoint(hashes.length)
  return nodeHash(rootOf(hashes.slice(0, k)), rootOf(hashes.slice(k)))
}
