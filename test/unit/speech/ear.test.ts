// Real: the ear. Fake: the speech process, and the feed of the PBX.
import t from 'tap'
import type { ChannelId } from '../../../src/core/ids.js'
import type { HearingTerms } from '../../../src/core/speech.js'
import { createLog } from '../../../src/lib/log.js'
import { createEar, type HearingEvent, type OpenHearing } from '../../../src/speech/hearing.js'
import { spokenAnswer } from '../../support/data/call-facts.js'

const terms: HearingTerms = { language: 'en', engine: 'vosk', threshold: 0.7 }
const channel = {
  id: 'caller' as ChannelId,
  feed: () => ({ open: async () => {}, close: async () => {} }),
}

t.test('before anything is told that was heard, it is checked whether the service stood still', async t => {
  const order: string[] = []
  let tell = (_event: HearingEvent) => {}
  const hearing = {
    async open(_terms: HearingTerms, onEvent: (event: HearingEvent) => void): Promise<OpenHearing> {
      tell = onEvent
      const close = () => void order.push('close')
      return { host: '127.0.0.1', port: 4_000, announce() {}, promptEnded() {}, close }
    },
  }
  const ear = createEar({ hearing, log: createLog('silent'), check: () => void order.push('check') })
  await ear.open(channel, terms, ({ event }) => void order.push(event))
  tell({ event: 'speaking' })
  tell({ event: 'heard', answer: spokenAnswer('yes') })
  tell({ event: 'failed', reason: 'speech.failed' })
  t.strictSame(order, ['check', 'speaking', 'check', 'spoken', 'check', 'close', 'lost'])
})
