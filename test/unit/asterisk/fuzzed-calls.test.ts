// Real: ari-client, HTTP, WebSocket, telephony, calls, machine, consent. Fake: the PBX, the ear, the recorder, the journal and the clock.
// Alone: it takes long, and the files after it would wait.
// Long: ten times as many sequences of events.
import fc from 'fast-check'
import t from 'tap'
import { FuzzedCalls } from '../../support/fuzz/fuzzed-calls.js'
import { fuzzRuns } from '../../support/fuzz/seeded.js'
import { harmfulSequences, type Sequence, sequences } from '../../support/fuzz/sequences.js'

const runs = fuzzRuns(1_000, 10_000)

t.test('no events of a PBX make the service throw, or record without a yes after the disclosure', async t => {
  t.setTimeout(600_000)
  const fuzzed = await FuzzedCalls.start(t)
  let [recordings, spoken] = [0, 0]
  await fc.assert(
    fc.asyncProperty(sequences, async sequence => {
      const { faults, recordings: prepared, byVoice } = await fuzzed.play(sequence)
      recordings += prepared
      spoken += byVoice
      if (faults.length > 0) throw new Error(faults.join('\n'))
    }),
    { ...runs, examples: harmfulSequences.map((sequence): [Sequence] => [sequence]) },
  )
  t.ok(recordings > runs.numRuns / 10, `${recordings} recordings were prepared after a yes`)
  t.ok(spoken > runs.numRuns / 350, `${spoken} of them after a spoken yes`)
})
