// Real: how the output of a net is read. Fake: the output.
import t from 'tap'
import { probabilities } from '../../../src/speech/embedded/net.js'

t.test('what rounding takes below 0 or above 1 is cut off', async t => {
  t.strictSame(probabilities(Float32Array.of(1.0000001, 0, 0, -0.0000001)), {
    yes: 1,
    no: 0,
    weak: 0,
    other: 0,
  })
  t.strictSame(probabilities(Float32Array.of(0.5, 0.25, 0.25, 0)), {
    yes: 0.5,
    no: 0.25,
    weak: 0.25,
    other: 0,
  })
})

t.test('other numbers are no probabilities', async t => {
  for (const output of [
    [],
    [0.5, 0.5],
    [0.5, 0.25, 0.25, 0.25],
    [2, -1, 0, 0],
    [1.02, 0, 0, -0.02],
    [Number.NaN, 0, 0, 1],
  ])
    t.throws(() => probabilities(Float32Array.from(output)), { code: 'speech.failed' }, `${output}`)
  t.throws(() => probabilities(), { code: 'speech.failed' })
})
