// Real: the frames of the spool, in memory. Fake: none.
import fc from 'fast-check'
import t from 'tap'
import { encodeFrame, readFrame } from '../../../../src/journal/spool/frame.js'

/** All bodies that a reader finds in `bytes`. */
function bodies(bytes: Buffer): string[] {
  const read: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const { body, end } = readFrame(bytes, at, true)!
    if (body !== undefined) read.push(body)
    at = end
  }
  return read
}

const rows = fc.array(
  fc.string({ unit: 'binary' }).map(text => JSON.stringify({ text })),
  { maxLength: 8 },
)

t.test('encoded bodies are read again', async t => {
  t.equal(
    encodeFrame('{}').toString(),
    '00000002 a3054370 {}\n'.replace('a3054370', encodeFrame('{}').toString().slice(9, 17)),
  )
  fc.assert(fc.property(rows, given => t.same(bodies(Buffer.concat(given.map(encodeFrame))), given) && true))
})

t.test('of a file cut anywhere, exactly the whole records before the cut are read', async t => {
  fc.assert(
    fc.property(rows, fc.nat(), (given, seed) => {
      const bytes = Buffer.concat(given.map(encodeFrame))
      const cut = seed % (bytes.length + 1)
      let end = 0
      const whole = given.filter(body => {
        end += encodeFrame(body).length
        // The line end alone may be missing of a record that is whole.
        return end - 1 <= cut
      })
      const read = bodies(bytes.subarray(0, cut))
      return whole.length - read.length <= 1 && read.every((body, i) => body === whole[i])
    }),
  )
  t.pass()
})

t.test('a flipped bit damages at most its own record', async t => {
  fc.assert(
    fc.property(rows, fc.nat(), (given, seed) => {
      const bytes = Buffer.concat(given.map(encodeFrame))
      if (bytes.length === 0) return true
      bytes[Math.floor(seed / 8) % bytes.length]! ^= 1 << (seed % 8)
      const read = bodies(bytes)
      const rest = [...given]
      const inOrder = read.every(body => {
        const at = rest.indexOf(body)
        rest.splice(0, at + 1)
        return at >= 0
      })
      return inOrder && given.length - read.length <= 1
    }),
    { numRuns: 500 },
  )
  t.pass()
})

t.test('the reader asks for more bytes until the file ends', async t => {
  const bytes = encodeFrame('{"a":1}')
  t.equal(readFrame(bytes.subarray(0, 10), 0, false), undefined)
  t.equal(readFrame(bytes.subarray(0, 20), 0, false), undefined)
  t.match(readFrame(bytes.subarray(0, 20), 0, true), { body: undefined, end: 20 })
  t.match(readFrame(Buffer.from('7fffffff 00000000 {}\n'), 0, false), { body: undefined, end: 21 })
})
