// Real: the message checks. Fake: the keeper and the service, which send arbitrary messages.
// Long: ten times as many messages.
import fc from 'fast-check'
import t from 'tap'
import { checkFromKeeper, checkFromService } from '../../../src/keeper/check-message.js'
import { FrameReader, type FromKeeper, MAX_FROM_KEEPER, ProtocolError } from '../../../src/keeper/protocol.js'
import { oddFrames, oddMessages } from '../../support/fuzz/frames.js'
import { fuzzRuns } from '../../support/fuzz/seeded.js'

/** Returns the checked message, or undefined for a ProtocolError. Other errors are thrown. */
function checked<M>(check: (message: { t: string }) => M, message: object): M | undefined {
  try {
    return check(JSON.parse(JSON.stringify(message)) as { t: string })
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

t.test('a service accepts no harmful message from a keeper', async t => {
  let accepted = 0
  fc.assert(
    fc.property(oddMessages, message => {
      const said = checked(checkFromKeeper, message)
      if (!said) return true
      accepted += 1
      if (said.t === 'hello') return Number.isInteger(said.pid) && said.pid > 1
      if (said.t === 'held') return said.legs.length === 2 && !said.prefix.includes('\0')
      if (said.t === 'taken') return said.prefix.startsWith('/')
      return true
    }),
    fuzzRuns(2_000, 20_000),
  )
  t.ok(accepted > 50, `${accepted} accepted`)
})

t.test('a keeper accepts or refuses any message from a service, and does not crash', async t => {
  let accepted = 0
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(oddMessages, message => {
        const said = checked(checkFromService, message)
        if (said) accepted += 1
        return said?.t !== 'hello' || URL.canParse(said.ari.url)
      }),
      fuzzRuns(2_000, 20_000),
    ),
  )
  t.ok(accepted > 50, `${accepted} accepted`)
})

t.test('arbitrary bytes in pieces of any length give valid frames or an error', async t => {
  const seen = { control: 0, audio: 0, ack: 0, refused: 0 }
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(oddFrames, { maxLength: 4 }), fc.integer({ min: 1, max: 50 }), (frames, size) => {
        const reader = new FrameReader<FromKeeper>(MAX_FROM_KEEPER)
        const bytes = Buffer.concat(frames).subarray(0, 4_000)
        try {
          for (let at = 0; at < bytes.length; at += size)
            for (const frame of reader.push(bytes.subarray(at, at + size))) {
              seen[frame.kind] += 1
              if (frame.kind === 'control') continue
              if (!Number.isSafeInteger(frame.offset) || frame.offset < 0) return false
              if (frame.kind === 'audio' && !(frame.arrivedAt >= 0 && frame.arrivedAt < 2 ** 53)) return false
            }
        } catch (error) {
          seen.refused += 1
          return error instanceof ProtocolError
        }
        return true
      }),
      fuzzRuns(3_000, 30_000),
    ),
  )
  for (const [kind, count] of Object.entries(seen)) t.ok(count > 20, `${kind}: ${count}`)
})
