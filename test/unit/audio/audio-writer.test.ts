// Real: the writer of a tap's audio. Fake: the recording, the clock.
import t from 'tap'
import { AudioWriter } from '../../../src/audio/audio-writer.js'
import type { Recording } from '../../../src/audio/recording.js'
import type { AudioBlock } from '../../../src/core/audio.js'
import { AppError } from '../../../src/core/errors.js'
import { FakeClock, runPendingWork } from '../../support/fakes/fake-clock.js'

t.test('nothing of the blocks before is kept when they are written', async t => {
  const recording = { write: async () => {}, durablyJournalled: async () => {} } as unknown as Recording
  const writer = new AudioWriter([recording], { blockWritten() {} }, () => {})
  const block: AudioBlock = { leg: 'caller', sample: 0, arrivedAt: 0, bytes: Buffer.alloc(1) }
  for (let blocks = 0; blocks < 3; blocks += 1) writer.write(recording, [block])
  const result: unknown = await writer.writtenTo(recording)
  t.equal(result, undefined)
})

t.test(
  'audio of which the journal has lost an event is settled once the journal has it, without further audio',
  async t => {
    const clock = new FakeClock()
    let lost = true
    const durablyJournalled = async () => {
      if (lost) throw new AppError('journal.unwritten', 'lost')
    }
    const recording = { durablyJournalled, suspend: async () => {} } as unknown as Recording
    const settled: string[] = []
    const note = (leg: string, end: number) => void settled.push(`${leg} ${end}`)
    const writer = new AudioWriter([recording], { blockWritten() {} }, note, clock)
    writer.settle('caller', 100)
    writer.settle('agent', 90)
    writer.settle('caller', 200)
    await runPendingWork()
    await clock.advanceAndWait(5_000)
    t.strictSame(settled, [])
    lost = false
    await clock.advanceAndWait(5_000)
    t.strictSame(settled, ['caller 200', 'agent 90'])

    lost = true
    writer.settle('caller', 300)
    await runPendingWork()
    await writer.suspend()
    lost = false
    await clock.advanceAndWait(60_000)
    t.strictSame(settled, ['caller 200', 'agent 90'], 'a service that stops leaves it to the next one')
  },
)
