// Real: the frames of the spool, in memory. Fake: none.
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { encodeFrame, readFrame } from '../../../../src/journal/spool/spool-file.js'

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
  // This CRC-32 was computed with another program.
  t.equal(encodeFrame('{}').toString(), '00000002 a3a6bf43 {}\n')
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(rows, given => isDeepStrictEqual(bodies(Buffer.concat(given.map(encodeFrame))), given)),
    ),
  )
})

t.test('exactly the whole frames before the end are read from a file that is cut anywhere', async t => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(rows, fc.nat(), (given, seed) => {
        const bytes = Buffer.concat(given.map(encodeFrame))
        const cut = seed % (bytes.length + 1)
        let end = 0
        const whole = given.filter(body => {
          end += encodeFrame(body).length
          return end <= cut
        })
        return isDeepStrictEqual(bodies(bytes.subarray(0, cut)), whole)
      }),
    ),
  )
})

t.test('a flipped bit damages at most its own frame', async t => {
  t.doesNotThrow(() =>
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
    ),
  )
})

t.test('the reader asks for more bytes until the file ends', async t => {
  const bytes = encodeFrame('{"a":1}')
  t.equal(readFrame(bytes.subarray(0, 10), 0, false), undefined)
  t.equal(readFrame(bytes.subarray(0, 20), 0, false), undefined)
  t.match(readFrame(bytes.subarray(0, 20), 0, true), { body: undefined, end: 20 })
  t.match(readFrame(Buffer.from('7fffffff 00000000 {}\n'), 0, false), { body: undefined, end: 21 })
})
