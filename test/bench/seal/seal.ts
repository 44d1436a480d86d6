import { randomBytes } from 'node:crypto'
import sodium from 'libsodium-wrappers'
import type { AudioBlock, Leg } from '../../../src/core/audio.js'
import { newCallId, newEventId, newPartId, newRecordingId } from '../../../src/core/ids.js'
import { generateIdentity, parseRecipients } from '../../../src/vault/crypto/keygen.js'
import { createPartSealer } from '../../../src/vault/crypto/part-sealer.js'
import { cryptoReady } from '../../../src/vault/crypto/ready.js'
import { atLeast, type Benchmark, figure } from '../support/benchmark.js'
import { median } from '../support/statistics.js'

/** What Asterisk writes at once of a leg, bytes: the size of a chunk. */
const BLOCK_BYTES = 32_768
/** Blocks of each leg in one container: 35 minutes of talk. */
const BLOCKS = 512
/** Turns of each kind. */
const TURNS = { quick: 60, full: 600 }
/** Turns that do not count, while JavaScript and WebAssembly are compiled. */
const WARM_UP = 5

const LEGS: Leg[] = ['caller', 'agent']
const PURPOSE = 'service'

/**
 * How fast audio is sealed into containers (keys, chunks, segments, the running hash), compared with bare libsodium: the same
 * bytes through one `secretstream`, one message for each block. Both in memory, on one processor, taking turns.
 */
export const benchmark: Benchmark = async ({ full, tell }) => {
  await cryptoReady
  const turns = full ? TURNS.full : TURNS.quick
  const audio = randomBytes(BLOCK_BYTES)
  const megabytes = (BLOCK_BYTES * BLOCKS * LEGS.length) / 1e6
  const recipients = parseRecipients(JSON.stringify([generateIdentity(PURPOSE).recipient]))
  const rates: { ours: number; bare: number }[] = []
  for (let turn = -WARM_UP; turn < turns; turn++) {
    // The order changes with each turn.
    const kinds = { ours: () => seal(audio, recipients), bare: () => sealBare(audio) }
    const order = turn % 2 === 0 ? (['ours', 'bare'] as const) : (['bare', 'ours'] as const)
    const rate = { ours: 0, bare: 0 }
    for (const kind of order) rate[kind] = megabytes / secondsOf(kinds[kind])
    if (turn >= 0) rates.push(rate)
    if (turn >= 0 && turn % 20 === 0) tell(`turn ${turn + 1} of ${turns}`)
  }
  const value = median(rates.map(({ ours }) => ours))
  return [
    atLeast(
      {
        measure: 'audio sealed into containers',
        value,
        unit: 'MB/s',
        baseline: median(rates.map(({ bare }) => bare)),
        ratio: median(rates.map(({ ours, bare }) => ours / bare)),
      },
      0.9,
    ),
    figure({ measure: 'legs that one processor could seal', value: (value * 1e6) / 8_000, unit: 'at once' }),
  ]
}

function secondsOf(work: () => void): number {
  const started = performance.now()
  work()
  return (performance.now() - started) / 1_000
}

function seal(bytes: Buffer, recipients: ReturnType<typeof parseRecipients>): void {
  const ids = { recording: newRecordingId(), part: newPartId(), call: newCallId(), basis: newEventId() }
  const info = { ...ids, number: 1, line: '101', purpose: PURPOSE, codec: 'alaw' as const }
  const sealer = createPartSealer(info, recipients)
  const arrivedAt = Date.now()
  sealer.begin(arrivedAt)
  for (let i = 0; i < BLOCKS; i++)
    for (const leg of LEGS)
      sealer.seal({ leg, sample: i * BLOCK_BYTES, arrivedAt, bytes } satisfies AudioBlock)
  sealer.finish()
}

function sealBare(bytes: Buffer): void {
  const {
    crypto_secretstream_xchacha20poly1305_init_push: init,
    crypto_secretstream_xchacha20poly1305_push: push,
    crypto_secretstream_xchacha20poly1305_TAG_MESSAGE: tag,
  } = sodium
  const { state } = init(sodium.crypto_secretstream_xchacha20poly1305_keygen())
  for (let i = 0; i < BLOCKS * LEGS.length; i++) push(state, bytes, null, tag)
}
