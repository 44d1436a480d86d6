// Real: the preparation of a tap. Fake: the recorder.
import t from 'tap'
import type { Recorder } from '../../../../src/call/ports.js'
import { createTapPreparation } from '../../../../src/call/run/tap-preparation.js'
import { newCallId } from '../../../../src/core/ids.js'
import { silent } from '../../../support/processes/database.js'

t.test('a preparation that succeeded is not reported as failed if the next step fails', async t => {
  const reported: string[] = []
  const recorder = { prepare: async () => '/tap/1', recordedPurposes: () => [] } as unknown as Recorder
  const taps = createTapPreparation(
    newCallId(),
    { recorder, log: silent },
    {
      async ready(tap) {
        reported.push(tap)
        throw new Error('the machine failed')
      },
      failed: () => reported.push('failed'),
    },
  )
  await taps.prepare('100', [])
  t.strictSame(reported, ['/tap/1'])
})

t.test('a preparation that failed is reported once', async t => {
  const reported: string[] = []
  const recorder = { prepare: () => Promise.reject(new Error('no')) } as unknown as Recorder
  const listener = { ready: async () => void reported.push('ready'), failed: () => reported.push('failed') }
  await createTapPreparation(newCallId(), { recorder, log: silent }, listener).prepare('100', [])
  t.strictSame(reported, ['failed'])
})
