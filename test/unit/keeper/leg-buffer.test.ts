// Real: the buffer of a leg, which is pure. Fake: none.
import fc from 'fast-check'
import t from 'tap'
import { LegBuffer } from '../../../src/keeper/pipe-pair.js'

const LIMIT = 100

/** The byte at offset `i` of the pipe. */
const byteAt = (i: number): number => (i * 7 + 3) % 251
const bytes = (from: number, length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, i) => byteAt(from + i)))

/** Reads everything, and fails if a byte is not the one of its offset. */
function readAll(buffer: LegBuffer, from: number): { position: number; gaps: number } {
  let position = from
  let gaps = 0
  for (let item = buffer.next(); item; item = buffer.next()) {
    if ('gap' in item) {
      if (item.gap.from !== position) throw new Error(`gap at ${item.gap.from}, reader at ${position}`)
      gaps += item.gap.to - item.gap.from
      position = item.gap.to
    } else {
      if (item.block.offset !== position)
        throw new Error(`block at ${item.block.offset}, reader at ${position}`)
      if (!item.block.bytes.equals(bytes(position, item.block.bytes.length))) throw new Error('wrong bytes')
      position += item.block.bytes.length
    }
  }
  return { position, gaps }
}

t.test(
  'each byte is read once at its offset, or counted as lost, in any order of reads and acknowledgements',
  async t => {
    let gaps = 0
    const step = fc.oneof(
      // The reads come seldom enough that the buffer is often over its limit.
      { weight: 6, arbitrary: fc.record({ push: fc.integer({ min: 1, max: 60 }) }) },
      fc.record({ ack: fc.integer({ min: 0, max: 200 }) }),
      fc.constant({ read: true }),
      fc.record({ reconnect: fc.integer({ min: 0, max: 100 }) }),
    )
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), fc.nat(1000), (steps, base) => {
          const buffer = new LegBuffer(LIMIT, base)
          let end = base
          let position = base
          for (const action of steps) {
            if ('push' in action) {
              buffer.push(bytes(end, action.push), 0)
              end += action.push
            } else if ('ack' in action) buffer.ack(Math.min(position, buffer.acked + action.ack))
            else if ('reconnect' in action) {
              // The next reader has every acknowledged byte, and perhaps some after them.
              position = Math.min(buffer.acked + action.reconnect, position)
              buffer.rewind(position)
            } else {
              const before = position
              const read = readAll(buffer, position)
              position = read.position
              if (read.gaps > 0) gaps += 1
              if (position !== end) throw new Error('the reader did not get everything')
              if (position - before - read.gaps > LIMIT) throw new Error('more was held than allowed')
            }
          }
          return buffer.end === end
        }),
        { numRuns: 2_000 },
      ),
    )
    // About 180 do.
    t.ok(gaps > 50, `${gaps} reads met a gap`)
  },
)

t.test('only the bytes beyond the limit are discarded', async t => {
  const buffer = new LegBuffer(LIMIT)
  for (let i = 0; i < 10; i++) buffer.push(bytes(i * 33, 33), i)
  t.strictSame(buffer.next(), { gap: { from: 0, to: 230 } })
  const item = buffer.next()
  t.match(item, { block: { offset: 230, arrivedAt: 6, bytes: bytes(230, 1) } })
  t.strictSame(readAll(buffer, 231), { position: 330, gaps: 0 })
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
