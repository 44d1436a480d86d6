import type { Lab } from '../../../lab/lab.js'
import { PACKET_MS } from '../../../lab/media/rtp.js'
import { readConfig } from '../../../src/config/config.js'
import type { Leg } from '../../../src/core/audio.js'
import { type Database, sql } from '../../../src/db/database.js'
import { withParts } from '../../../src/recordings/open/find-parts.js'
import type { PartToOpen } from '../../../src/recordings/open/open-recording.js'
import { parseIdentities } from '../../../src/vault/crypto/keygen.js'
import { openPart } from '../../../src/vault/crypto/part-opener.js'
import { cryptoReady } from '../../../src/vault/crypto/ready.js'
import type { Identity } from '../../../src/vault/crypto/types.js'
import { openKeyStore } from '../../../src/vault/keys/key-store.js'
import { openStore } from '../../../src/vault/store/store.js'
import { type FoundPackets, findNumberedPackets } from './numbered-packets.js'

/** Packets found in the recordings of many calls. */
export interface StoredPackets {
  /** Calls with every packet from the decision to a given time, or the share of them that must be there. */
  whole: number
  /** Packets missing between others. */
  lost: Record<Leg, number>
  /** Packets that nobody sent. */
  foreign: Record<Leg, number>
}

/** How much shorter than the talk a recording may be, ms: the tap starts in the dialplan, and last packets are on their way. */
const MISSING_AT_ENDS_MS = 500

const LEGS: Leg[] = ['caller', 'agent']

/**
 * Opens the recordings of calls that were held to the end, and searches for every packet.
 *
 * @param packets how many numbers the callers use before they repeat
 * @param until a time at which no caller had hung up
 * @param leastShare share of the packets that must be in a recording for it to be whole
 */
export async function checkStored(
  { env }: Lab,
  db: Database,
  { packets, until, leastShare }: { packets: number; until: Date; leastShare: number },
): Promise<StoredPackets> {
  await cryptoReady
  const config = readConfig(env, 'tool')
  const identities = parseIdentities(config.identities!.reveal())
  const [store, keyStore] = await Promise.all([openStore(config.store), openKeyStore(config.keystore)])
  const found: StoredPackets = { whole: 0, lost: { caller: 0, agent: 0 }, foreign: { caller: 0, agent: 0 } }
  for (const { recording, talk_ms } of await finishedTalks(db, until)) {
    const legs = await withParts({ db, store, keyStore }, recording, parts =>
      findPackets(parts, identities, packets),
    )
    for (const leg of LEGS) {
      found.lost[leg] += legs[leg].lost
      found.foreign[leg] += legs[leg].foreign
    }
    const whole = LEGS.every(leg => {
      const { packets, lost, foreign } = legs[leg]
      const most = (1 - leastShare) * packets
      return (
        lost <= most && foreign <= most && packets * PACKET_MS >= leastShare * talk_ms - MISSING_AT_ENDS_MS
      )
    })
    if (whole) found.whole++
  }
  return found
}

/** @returns finished recordings without losses, and how long each call was with the agent at `until` */
async function finishedTalks(db: Database, until: Date) {
  const { rows } = await sql<{ recording: string; talk_ms: number }>`
    select recording.id as recording, (extract(epoch from ${until} - released.at) * 1000)::float8 as talk_ms
    from recording
    join event released on released.call_id = recording.call_id and released.type = 'call.released'
    where recording.state = 'finished' and recording.lost_bytes = 0 and recording.ended_at >= ${until}`.execute(
    db,
  )
  return rows
}

async function findPackets(
  parts: PartToOpen[],
  identities: Identity[],
  packets: number,
): Promise<Record<Leg, FoundPackets>> {
  const blocks: Record<Leg, Uint8Array[]> = { caller: [], agent: [] }
  for (const { source, wrappedKey } of parts) {
    const part = await openPart(source, wrappedKey, identities)
    for await (const { leg, bytes } of part.blocks()) blocks[leg].push(bytes)
    part.close()
  }
  return {
    caller: findNumberedPackets(Buffer.concat(blocks.caller), packets),
    agent: findNumberedPackets(Buffer.concat(blocks.agent), packets),
  }
}
