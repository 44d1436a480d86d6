// Real: the writer of a tap's audio. Fake: the recording.
import t from 'tap'
import { AudioWriter } from '../../../src/recording/audio-writer.js'
import type { Recording } from '../../../src/recording/recording.js'
import type { AudioBlock } from '../../../src/shared/audio.js'

t.test('nothing of the blocks before is kept when they are written', async t => {
  const recording = { write: async () => {}, durablyJournalled: async () => {} } as unknown as Recording
  const writer = new AudioWriter([recording], { blockWritten() {} }, () => {})
  const block: AudioBlock = { leg: 'caller', sample: 0, arrivedAt: 0, bytes: Buffer.alloc(1) }
  for (let blocks = 0; blocks < 3; blocks += 1) writer.write(recording, [block])
  const result: unknown = await writer.writtenTo(recording)
  t.equal(result, undefined)
})
