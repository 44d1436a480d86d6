// Real: the report. Fake: the parts of the service.
import t from 'tap'
import { type ReportedParts, reportOf } from '../../../../src/site/health/service-report.js'

const room = { free: 5, size: 20 }
const parts: ReportedParts = {
  purposes: ['service'],
  store: { checkWritable: async () => {}, room: async () => room },
  keyStore: { checkWritable: async () => {} },
  recorder: { keeperPid: 7, keeperHeldBytes: 32_000, taps: 0, signs: () => [] },
  calls: { size: 3 },
  journal: { waiting: 0 },
  journalLog: { state: { size: 12, stopped: undefined, behindMs: 0 } },
}

t.test('a report says of each part what is known', async t => {
  t.match(await reportOf(parts, '1.2.3'), {
    ...{ version: '1.2.3', calls: 3, waiting: 0, log: { size: 12, stopped: false } },
    keeper: { running: true, heldBytes: 32_000 },
    places: [{ purpose: 'service', writable: true, keysWritable: true, ...room }],
  })
})

t.test('a disk that fails, or does not answer, delays nothing', async t => {
  const never = () => new Promise<never>(() => {})
  const away = {
    ...parts,
    store: { checkWritable: never, room: never },
    keyStore: { checkWritable: async () => Promise.reject(new Error('read-only')) },
  }
  t.match(await reportOf(away, '1'), {
    places: [{ purpose: 'service', writable: false, keysWritable: false, free: null, size: null }],
  })
})
