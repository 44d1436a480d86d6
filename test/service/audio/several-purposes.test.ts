// Real: PostgreSQL, journal, key store, disk store, sealing, the keeper, pipes. Fake: Asterisk.
// The test writes a-law into the pipes itself.
import t from 'tap'
import { exactly } from '../../support/assertions/exactly.js'
import { testDatabase } from '../../support/processes/database.js'
import { speak, talk } from '../../support/processes/keeper.js'
import {
  journalGrantedCall,
  readRecordingEvents,
  readRecordingRows,
  recordingHolds,
  startRecorderSetup,
} from '../../support/processes/recorder-setup.js'

const database = await testDatabase(t)

t.test('a call with two purposes is read once and sealed for each purpose', async t => {
  const house = await startRecorderSetup(t, database)
  const { call, grants } = await journalGrantedCall(house.journal, ['service', 'marketing'])
  const spoken = talk()
  await speak(await house.recorder.prepare(call, '105', grants), spoken)
  await house.recorder.channelGone(call)
  const recordings = await readRecordingRows(house, call)
  t.match(
    recordings,
    exactly({ purpose: 'service', state: 'finished' }, { purpose: 'marketing', state: 'finished' }),
  )
  for (const { id, purpose } of recordings) {
    t.ok(await recordingHolds(house, id, spoken), purpose)
    const others = house.identities.filter(identity => identity.purpose !== purpose)
    await t.rejects(
      recordingHolds({ ...house, identities: others }, id, spoken),
      { code: 'key.missing' },
      `${purpose} does not open with the other identity`,
    )
  }
})

t.test(
  'a recording that begins during a pause is journalled as paused, and begins without audio',
  async t => {
    const house = await startRecorderSetup(t, database)
    const { call, grants } = await journalGrantedCall(house.journal, ['service', 'marketing'])
    await house.recorder.prepare(call, '100', grants.slice(0, 1))
    await house.recorder.pause(call, Date.now(), 'api')
    const later = await house.recorder.prepare(call, '105', grants.slice(1))
    house.recorder.handedOver(later, Date.now())
    await speak(later, talk())
    await house.recorder.channelGone(call)
    const rows = await readRecordingRows(house, call)
    const idOf = (wanted: string) => rows.find(({ purpose }) => purpose === wanted)!.id
    const paused = (await readRecordingEvents(house, call)).filter(({ type }) => type === 'recording.paused')
    t.match(
      paused.map(({ data }) => data),
      exactly({ recording: idOf('service'), by: 'api' }, { recording: idOf('marketing'), by: 'api' }),
    )
    t.match(
      rows.find(({ purpose }) => purpose === 'marketing'),
      { state: 'empty' },
    )
  },
)

t.test(
  'a later purpose gets a tap and a recording of its own; the first recording is not affected',
  async t => {
    const house = await startRecorderSetup(t, database)
    const { call, grants } = await journalGrantedCall(house.journal, ['service', 'marketing'])
    const [service, marketing] = [grants.slice(0, 1), grants.slice(1)]
    const first = await house.recorder.prepare(call, '100', service)
    await t.rejects(house.recorder.prepare(call, '100', service), { code: 'tap.unavailable' }, 'none twice')
    const spoken = { service: talk(), marketing: talk() }
    await speak(await house.recorder.prepare(call, '105', marketing), spoken.marketing)
    await speak(first, spoken.service)
    await house.recorder.channelGone(call)
    const recordings = await readRecordingRows(house, call)
    t.equal(recordings.length, 2, 'there is a recording for each purpose')
    for (const { id, purpose, state } of recordings) {
      t.equal(state, 'finished')
      t.ok(await recordingHolds(house, id, spoken[purpose as keyof typeof spoken]), purpose)
    }
  },
)
