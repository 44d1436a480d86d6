// Real: the buffer of a leg, which is pure. Fake: none.
import fc from 'fast-check'
import t from 'tap'
import { LegBuffer } from '../../../src/keeper/leg-buffer.js'

const LIMIT = 100

/** The byte at offset `i` of the pipe. */
const byteAt = (i: number): number => (i * 7 + 3) % 251
const bytes = (from: number, length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, i) => byteAt(from + i)))

/** Reads everything, and fails if a byte is not the one of its offset. */
function readAll(buffer: LegBuffer, place: number): { place: number; gaps: number } {
  let gaps = 0
  for (let item = buffer.next(); item; item = buffer.next()) {
    if ('gap' in item) {
      if (item.gap.from !== place) throw new Error(`gap at ${item.gap.from}, reader at ${place}`)
      gaps += item.gap.to - item.gap.from
      place = item.gap.to
    } else {
      if (item.block.offset !== place) throw new Error(`block at ${item.block.offset}, reader at ${place}`)
      if (!item.block.bytes.equals(bytes(place, item.block.bytes.length))) throw new Error('wrong bytes')
      place += item.block.bytes.length
    }
  }
  return { place, gaps }
}

t.test(
  'whatever is read, acknowledged and lost: each byte comes once, in its place, or is counted',
  async t => {
    const step = fc.oneof(
      fc.record({ push: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ ack: fc.integer({ min: 0, max: 200 }) }),
      fc.constant({ read: true }),
      fc.record({ comeAnew: fc.integer({ min: 0, max: 100 }) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(1000), (steps, base) => {
        const buffer = new LegBuffer(LIMIT, base)
        let end = base
        let place = base
        for (const action of steps) {
          if ('push' in action) {
            buffer.push(bytes(end, action.push), 0)
            end += action.push
          } else if ('ack' in action) buffer.ack(Math.min(place, buffer.acked + action.ack))
          else if ('comeAnew' in action) {
            // The next reader has everything acknowledged, and perhaps some bytes after that.
            place = Math.min(buffer.acked + action.comeAnew, place)
            buffer.rewind(place)
          } else {
            const before = place
            const read = readAll(buffer, place)
            place = read.place
            if (place !== end) throw new Error('the reader did not get everything')
            if (place - before - read.gaps > LIMIT) throw new Error('more was held than allowed')
          }
        }
        return buffer.end === end
      }),
      { numRuns: 2_000 },
    )
    t.pass('2,000 courses')
  },
)

t.test('only the bytes beyond the limit are discarded', async t => {
  const buffer = new LegBuffer(LIMIT)
  for (let i = 0; i < 10; i++) buffer.push(bytes(i * 33, 33), i)
  t.strictSame(buffer.next(), { gap: { from: 0, to: 230 } })
  const item = buffer.next()
  t.match(item, { block: { offset: 230, arrivedAt: 6, bytes: bytes(230, 1) } })
  t.strictSame(readAll(buffer, 231), { place: 330, gaps: 0 })
})

t.test('an acknowledgement beyond the end or below the last one is ignored', async t => {
  const buffer = new LegBuffer(LIMIT)
  buffer.push(bytes(0, 50), 0)
  buffer.ack(51)
  t.equal(buffer.acked, 0)
  buffer.ack(40)
  buffer.ack(10)
  t.equal(buffer.acked, 40)
  buffer.closed = true
  t.notOk(buffer.fullyAcknowledged)
  buffer.ack(50)
  t.ok(buffer.fullyAcknowledged)
})
