// Fake: the recorder.
import t from 'tap'
import type { Recorder } from '../../../src/call/ports.js'
import { createTapPreparation } from '../../../src/call/tap-preparation.js'
import { newCallId } from '../../../src/shared/ids.js'
import { silent } from '../../support/database.js'

t.test('a preparation that succeeded is not told as failed, whatever comes of it', async t => {
  const told: string[] = []
  const recorder = { prepare: async () => '/tap/1' } as unknown as Recorder
  const taps = createTapPreparation(
    newCallId(),
    { recorder, log: silent },
    {
      async ready(tap) {
        told.push(tap)
        throw new Error('the machine failed')
      },
      failed: () => told.push('failed'),
    },
  )
  await taps.prepare('100', [])
  t.strictSame(told, ['/tap/1'])
})

t.test('a preparation that failed is told once', async t => {
  const told: string[] = []
  const recorder = { prepare: () => Promise.reject(new Error('no')) } as unknown as Recorder
  const heard = { ready: async () => void told.push('ready'), failed: () => told.push('failed') }
  await createTapPreparation(newCallId(), { recorder, log: silent }, heard).prepare('100', [])
  t.strictSame(told, ['failed'])
})
