// Real: the acknowledger of a tap's audio. Fake: the recording, the clock.
import t from 'tap'
import { Acknowledger } from '../../../src/audio/acknowledger.js'
import { AppError } from '../../../src/core/errors.js'
import { FakeClock, runPendingWork } from '../../support/fakes/fake-clock.js'

t.test(
  'audio of which the journal has lost an event is settled once the journal has it, without further audio',
  async t => {
    const clock = new FakeClock()
    let lost = true
    const durablyJournalled = async () => {
      if (lost) throw new AppError('journal.unwritten', 'lost')
    }
    const recording = { written: Promise.resolve(), durablyJournalled }
    const settled: string[] = []
    const note = (leg: string, end: number) => void settled.push(`${leg} ${end}`)
    const acknowledger = new Acknowledger([recording], note, clock)
    void acknowledger.settle('caller', 100)
    void acknowledger.settle('agent', 90)
    void acknowledger.settle('caller', 200)
    await runPendingWork()
    await clock.advanceAndWait(5_000)
    t.strictSame(settled, [])
    lost = false
    await clock.advanceAndWait(5_000)
    t.strictSame(settled, ['caller 200', 'agent 90'])

    lost = true
    void acknowledger.settle('caller', 300)
    await runPendingWork()
    acknowledger.close()
    lost = false
    await clock.advanceAndWait(60_000)
    t.strictSame(settled, ['caller 200', 'agent 90'], 'a service that stops leaves it to the next one')
  },
)
