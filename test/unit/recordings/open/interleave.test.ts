// Real: the interleaver. Fake: none.
import fc from 'fast-check'
import t from 'tap'
import { Interleaver } from '../../../../src/recordings/open/stream-wav.js'

/** Samples that count up. */
const samplesFrom = (length: number, from: number) => Int16Array.from({ length }, (_, i) => from + i)
const pcm = (...samples: number[]) => Buffer.from(Int16Array.from(samples).buffer)

t.test('frames come out up to the position that both legs have reached', async t => {
  const stereo = new Interleaver()
  stereo.put('caller', 0, samplesFrom(3, 1))
  t.equal(stereo.takeComplete().length, 0, 'the agent has no samples yet')
  stereo.put('agent', 0, samplesFrom(2, 101))
  t.same(stereo.takeComplete(), pcm(1, 101, 2, 102))
  stereo.put('caller', 5, samplesFrom(1, 9))
  t.same(stereo.takeRest(), pcm(3, 0, 0, 0, 0, 0, 9, 0), 'gaps and the end of the shorter leg are silence')
})

t.test('samples that were already taken are ignored', async t => {
  const stereo = new Interleaver()
  for (const leg of ['caller', 'agent'] as const) stereo.put(leg, 0, samplesFrom(4, 1))
  t.equal(stereo.takeComplete().length, 4 * 4)
  stereo.put('caller', 2, samplesFrom(4, 3))
  t.same(stereo.takeRest(), pcm(5, 0, 6, 0))
})

t.test('all samples of both legs come out, for blocks in any order of the legs', async t => {
  const blocks = fc.array(
    fc.record({
      leg: fc.constantFrom('caller' as const, 'agent' as const),
      gap: fc.nat(50),
      length: fc.nat(400),
    }),
  )
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(blocks, given => {
        const stereo = new Interleaver()
        const ends = { caller: 0, agent: 0 }
        const expected = { caller: [] as number[], agent: [] as number[] }
        const out: Buffer[] = []
        for (const { leg, gap, length } of given) {
          const samples = samplesFrom(length, ends[leg] % 1_000)
          expected[leg].push(...Array(gap).fill(0), ...samples)
          stereo.put(leg, ends[leg] + gap, samples)
          ends[leg] += gap + length
          out.push(stereo.takeComplete())
        }
        out.push(stereo.takeRest())
        const frames = Array.from({ length: Math.max(ends.caller, ends.agent) }, (_, i) => [
          expected.caller[i] ?? 0,
          expected.agent[i] ?? 0,
        ])
        return Buffer.concat(out).equals(pcm(...frames.flat()))
      }),
    ),
  )
})
