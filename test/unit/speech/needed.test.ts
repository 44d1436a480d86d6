// Real: what lines need, and a hearing whose process does not start. Fake: the lines.
import t from 'tap'
import { LOOPBACK } from '../../../lab/ports.js'
import { systemClock } from '../../../src/core/clock.js'
import type { LinePolicy } from '../../../src/core/policy.js'
import { createHearing, enginesNeeded } from '../../../src/speech/hearing.js'
import { silent } from '../../support/processes/database.js'

const line = (changes: object): LinePolicy =>
  ({ language: 'ru', mode: 'voice-or-key', voice: { engine: 'vosk' }, ...changes }) as LinePolicy

t.test('lines by voice need their engine in each language that callers may choose', async t => {
  const languages = [{ language: 'ru' }, { language: 'en' }, { language: 'de' }]
  t.strictSame(
    enginesNeeded([
      line({}),
      line({ languages }),
      line({ language: 'de', voice: { engine: 'sherpa' } }),
      line({ mode: 'key', voice: { engine: 'embedded' } }),
      line({ language: 'en', voice: { engine: 'embedded' } }),
    ]),
    [
      { engine: 'vosk', language: 'ru' },
      { engine: 'vosk', language: 'en' },
      { engine: 'embedded', language: 'en' },
    ],
  )
})

t.test('where nobody is to be heard, a line by voice is a trouble that names the setting', async t => {
  const hearing = createHearing({
    settings: { host: LOOPBACK, streams: 0, root: '/', vosk: {}, sherpa: {} },
    ...{ command: ['/nowhere'], clock: systemClock, log: silent },
  })
  t.teardown(() => hearing.stop())
  hearing.want([])
  t.strictSame([hearing.trouble, hearing.engines], [undefined, []])
  hearing.want([{ engine: 'vosk', language: 'ru' }])
  t.match(hearing.trouble, /set CONSENTRY_EAR_STREAMS/)
  t.equal(hearing.engines[0]?.trouble, hearing.trouble)
  const terms = { language: 'ru', engine: 'vosk', threshold: 0.7 } as const
  await t.rejects(
    hearing.open(terms, () => {}),
    { code: 'speech.not-set-up', message: hearing.trouble! },
  )
  t.equal(hearing.pid, undefined)
})
