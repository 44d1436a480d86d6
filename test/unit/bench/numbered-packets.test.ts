// Real: the search for numbered packets. Fake: the recording, which is made in memory, whole or damaged.
import t from 'tap'
import { findNumberedPackets, numberPackets } from '../../bench/capacity/numbered-packets.js'

const PACKET = 160
const PACKETS = 1_000
const voice = Buffer.from(Array.from({ length: 777 }, (_, i) => i % 251))
const said = numberPackets(voice, PACKETS)
const packets = (from: number, to: number) => said.subarray(from * PACKET, to * PACKET)
const silence = Buffer.alloc(PACKET, 0xd5)

t.test('every packet of a recording is found, wherever the recording begins', async t => {
  t.strictSame(findNumberedPackets(said, PACKETS), { packets: PACKETS, lost: 0, foreign: 0 })
  const later = Buffer.concat([silence, silence.subarray(7), packets(300, 500)])
  t.strictSame(findNumberedPackets(later, PACKETS), { packets: 200, lost: 0, foreign: 0 })
})

t.test('a speaker who begins again has lost nothing', async t => {
  const twice = Buffer.concat([packets(900, PACKETS), packets(0, 50)])
  t.strictSame(findNumberedPackets(twice, PACKETS), { packets: 150, lost: 0, foreign: 0 })
})

t.test('missing packets are counted', async t => {
  const holed = Buffer.concat([packets(10, 20), packets(22, 30), packets(35, 40)])
  t.strictSame(findNumberedPackets(holed, PACKETS), { packets: 23, lost: 7, foreign: 0 })
})

t.test('other audio between packets or in their place is counted', async t => {
  const filled = Buffer.concat([packets(10, 20), silence, packets(20, 25), silence, packets(26, 30)])
  t.strictSame(findNumberedPackets(filled, PACKETS), { packets: 19, lost: 1, foreign: 2 })
  const torn = Buffer.concat([packets(0, 5), said.subarray(5 * PACKET, 5 * PACKET + 80), packets(6, 8)])
  t.ok(findNumberedPackets(torn, PACKETS).foreign > 0, 'a torn packet counts as other audio')
})

t.test('nothing is found in silence', async t => {
  t.strictSame(findNumberedPackets(Buffer.alloc(0), PACKETS), { packets: 0, lost: 0, foreign: 0 })
  t.equal(findNumberedPackets(Buffer.concat([silence, silence]), PACKETS).packets, 0)
})
