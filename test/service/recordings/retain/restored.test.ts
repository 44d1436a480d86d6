// Real: PostgreSQL, journal, transparency log, key store, disk store, sealed containers. Fake: the restore, which removes rows.
import t from 'tap'
import { systemClock } from '../../../../src/core/clock.js'
import { publishedSize } from '../../../../src/log/log-files.js'
import { DayCheck } from '../../../../src/recordings/retain/day-check.js'
import { placeHold } from '../../../../src/recordings/retain/holds.js'
import { runPurge } from '../../../../src/recordings/retain/run-purge.js'
import { destroyRecording } from '../../../../src/rights/destroy-recording.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { person } from '../../../support/data/actors.js'
import { sealCall, startArchiveSetup } from '../../../support/processes/archive-setup.js'
import { logSettingsIn, updateLog } from '../../../support/processes/tlog.js'

const place = await startArchiveSetup(t)
const { logSetup } = place
const settings = logSettingsIn(logSetup.dir)
const day = new DayCheck({
  ...{ db: place.deps.db, clock: systemClock },
  offMs: () => 0,
  published: () => publishedSize(settings.dir),
})
const deps = { ...place.deps, day }
const purge = (clockChecked = false) => runPurge(deps, { at: Date.now(), by: 'olga', clockChecked })

t.test(
  'after a restore nothing is destroyed until a person has placed lost holds and confirms it',
  async t => {
    const [held, free] = [await sealCall(place, '+7801'), await sealCall(place, '+7802')]
    await updateLog(logSetup.url(), settings)
    const owner = await logSetup.superuser()
    t.teardown(() => owner.cut())
    t.equal(await day.restoreDoubt(), undefined, 'the database has what was published')

    const stated = { kind: 'hold', reason: 'a claim', by: 'officer', expiresAt: null } as const
    await placeHold(deps, { ...stated, on: { call: held.call } })
    await updateLog(logSetup.url(), settings)
    // The backup is from before the hold.
    await owner.query(`delete from log_cosignature where size = (select max(size) from log_checkpoint)`)
    await owner.query(`delete from log_checkpoint where size = (select max(size) from log_checkpoint)`)
    await owner.query(`delete from hold`)
    await owner.query(
      `delete from event_personal where event in (select uuid from event where type = 'hold.placed')`,
    )
    await owner.query(`delete from event where type = 'hold.placed'`)

    const refused = { code: 'clock.doubtful', message: /an older state was restored.*--clock-checked/s }
    await t.rejects(purge(), refused)
    const recording = free.recordings['service']!
    await t.rejects(destroyRecording(deps, person('officer'), { recording, reason: 'asked' }), refused)
    t.match(await day.check(), { kind: 'restored' }, 'the sweep waits too')
    for (const { part } of [held, free]) t.ok(await deps.keyStore.find(part!))

    await placeHold(deps, { ...stated, on: { call: held.call } })
    await t.rejects(purge(), refused, 'a hold confirms nothing')
    t.match(await purge(true), { destroyed: 1, held: 1 })
    t.ok(await deps.keyStore.find(held.part!))
    t.match(await purge(), { destroyed: 0, held: 1 }, 'it is confirmed once')
    const checked = await deps.db
      .selectFrom('event')
      .where('type', '=', 'clock.checked')
      .select('data')
      .execute()
    matchEach(
      t,
      checked,
      [{ published: Number }].map(data => ({ data })),
    )
  },
)
