// Real: PostgreSQL, journal, stores, the command, the service. Fake: their wall clock, the content of containers and keys, the PBX.
// libfaketime moves the wall clock of command and service. The PBX refuses.
// Alone: it takes long, and the files after it would wait.
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { endKeeper, keepersOf } from '../../../../lab/process/end-keeper.js'
import { removeProtected } from '../../../../lab/process/remove-protected.js'
import { DAY_MS, systemClock } from '../../../../src/core/clock.js'
import { newCallId } from '../../../../src/core/ids.js'
import { DayCheck } from '../../../../src/recordings/retain/day-check.js'
import { placeHold, releaseHold } from '../../../../src/recordings/retain/holds.js'
import { previewPurge, runPurge } from '../../../../src/recordings/retain/run-purge.js'
import { erasePerson } from '../../../../src/rights/erase-person.js'
import { person } from '../../../support/data/actors.js'
import { fillArchive, isOnDisk, openArchive } from '../../../support/data/archive.js'
import { started } from '../../../support/data/call-events.js'
import { told } from '../../../support/data/told-events.js'
import { FakePbx } from '../../../support/fakes/fake-pbx.js'
import { consentry } from '../../../support/processes/command.js'
import { consentryTogether } from '../../../support/processes/commands-together.js'
import { PROMPTS } from '../../../support/processes/converted-prompts.js'
import { scratch, testDatabase } from '../../../support/processes/database.js'
import { falseClock } from '../../../support/processes/false-clock.js'
import { ffmpeg } from '../../../support/processes/ffmpeg.js'
import { readServiceLog } from '../../../support/processes/service-log.js'

t.setTimeout(300_000)
/** No clock moves once a process uses it, so that none has to read the offset each time, s. */
const CACHE_S = 60
const { db, server, asOwner } = await testDatabase(t)

/** Makes recordings that are due only for a clock 400 days ahead, and the settings of a machine that has just been started. */
async function site(t: Test, due = `current_date + 30`) {
  const dir = await scratch(t)
  const archive = await openArchive(dir, db, server.url, { mirrors: 1 })
  t.teardown(() => archive.deps.journal.stop())
  const kept = await fillArchive(archive, server.adminUrl, { count: 2, due })
  const env = {
    DATABASE_URL: server.url,
    CONSENTRY_DATA: join(dir, 'data'),
    CONSENTRY_STORE: `file:${archive.store}`,
    CONSENTRY_KEYSTORE: `file:${archive.keys[0]}`,
  }
  /** Checks the day with a machine's clock that is `ahead` ms ahead. */
  const purge = ({ ahead = 0, clockChecked = false } = {}) => {
    const clock = { ...systemClock, now: () => Date.now() + ahead }
    const day = new DayCheck({ db, clock, offMs: () => 0, published: async () => 0 })
    return runPurge({ ...archive.deps, clock, day }, { at: clock.now(), by: 'olga', clockChecked })
  }
  return { archive, env, dir, purge, kept, whole: () => kept.every(one => isOnDisk(archive, one)) }
}

const eventsOf = (...types: ('purge.refused' | 'purge.finished' | 'clock.checked' | 'alarm.raised')[]) =>
  told(db).where('type', 'in', types).select(['type', 'data', 'at']).orderBy('id').execute()

/** Writes the last certain event this long ago. No later event exists. */
const silentFor = (days: number) =>
  asOwner.query(`insert into event (uuid, at, type, data)
    values (gen_random_uuid(), now() - interval '${days} days', 'purge.finished', '{}')`)

t.test('a service whose clock is 400 days ahead purges nothing, and says so', async t => {
  const { env, dir, whole } = await site(t)
  const clock = await falseClock(join(dir, 'faketime'), CACHE_S)
  await clock.move('+400d')
  const tap = join(dir, 'tap')
  t.teardown(async () => {
    await endKeeper(env.CONSENTRY_DATA, await keepersOf(tap))
    await removeProtected(tap)
  })
  const pbx = await FakePbx.start(t)
  const lines = readServiceLog(t, {
    ...env,
    ...clock.env,
    ARI_URL: pbx.url,
    ARI_USERNAME: 'consentry',
    ARI_PASSWORD: 'hush',
    CONSENTRY_FFMPEG: ffmpeg,
    CONSENTRY_PROMPTS: PROMPTS,
    CONSENTRY_TAP_DIR: tap,
    CONSENTRY_HTTP: '127.0.0.1:0',
  })
  let isReported = false
  for await (const { msg } of lines) {
    isReported ||= msg.startsWith('nothing is purged')
    if (isReported || msg === 'purged') break
  }
  t.ok(isReported, 'its log says that nothing is purged')
  t.ok(whole(), 'every recording is there')
  const [refused, ...others] = await eventsOf('purge.refused')
  t.match(refused, { data: { by: 'consentry', kind: 'database', doubt: /One of them is wrong/ } })
  t.ok(Math.abs(refused!.at.getTime() - Date.now()) < 600_000, 'under the time of PostgreSQL')
  t.strictSame(others, [])
  const alarms = await eventsOf('alarm.raised')
  t.ok(
    alarms.some(({ data }) => data['alarm'] === 'clock-doubtful'),
    'an alarm stands',
  )
})

t.test('the command purges nothing by a wrong clock, and no confirmation overrules PostgreSQL', async t => {
  const { archive, env, dir, whole, purge } = await site(t)
  const clock = await falseClock(join(dir, 'faketime'), CACHE_S)
  await clock.move('+400d')
  // Both are past their own terms on that day.
  const call = newCallId()
  await archive.deps.journal.append([started(call, '+79160000009', Date.now() - DAY_MS)], 10_000)
  await asOwner.query(`insert into act (id, cause, reason, by, number, closed_at, keep_until)
    values (gen_random_uuid(), 'term', 'over', 'olga', 900001, now(), current_date + 30)`)
  const due = { at: Date.now() + 400 * DAY_MS, personalDays: archive.deps.personalDays }
  const { forgotten } = await previewPurge(db, due)
  t.ok(forgotten > 0, 'personal data would be erased')
  const result = await consentry({ ...env, ...clock.env }, 'purge', '--clock-checked')
  t.match(result, { code: 1, err: /Nothing was destroyed.*PostgreSQL's says.*set it right/s })
  for (const ahead of [400 * DAY_MS, -400 * DAY_MS, 600_000])
    for (const clockChecked of [false, true])
      await t.rejects(purge({ ahead, clockChecked }), { code: 'clock.doubtful' }, `${ahead} ms`)
  t.ok(whole())
  const acts = await db.selectFrom('act').select('number').where('number', '=', 900001).execute()
  t.equal(acts.length, 1, 'the act is there')
  t.equal((await previewPurge(db, due)).forgotten, forgotten, 'and the personal data')
  t.match(await purge({ ahead: 120_000 }), { due: 0 }, 'minutes do not matter')
})

t.test('no erasure by a wrong clock destroys what only the day would free', async t => {
  const { archive, env, dir, whole, kept } = await site(t)
  const [one, other] = [kept[0]!, kept[1]!]
  const clock = await falseClock(join(dir, 'faketime'), CACHE_S)
  await clock.move('+400d')
  const rights = (...words: string[]) =>
    consentryTogether({ ...env, ...clock.env }, 'rights', ...words, '--reason', 'asked in writing')
  const refused = { code: 1, err: /Nothing was destroyed.*PostgreSQL's says.*set it right/s }
  const expiresAt = new Date(Date.now() + 30 * DAY_MS)
  const claim = { kind: 'hold', reason: 'a claim', by: 'olga' } as const
  const { hold } = await placeHold(archive.deps, { ...claim, on: { number: one.caller }, expiresAt })
  t.match(await rights('erase', one.caller), refused, 'a hold that has not ended')
  t.match(await rights('destroy', one.recording), refused)
  await releaseHold(archive.deps, hold, claim)

  const put = (state: string) =>
    asOwner.query('update recording set state = $1, prepared_at = now() where id = $2', [
      state,
      other.recording,
    ])
  await put('recording')
  t.match(await rights('erase', other.caller), refused, 'a recording in progress')
  t.match(await rights('destroy', other.recording), refused)
  t.ok(whole(), 'every recording is there')
  const revoked = db.selectFrom('recording').select('id').where('revoked_at', 'is not', null)
  t.strictSame(await revoked.execute(), [], 'and no purge will destroy it')

  await put('finished')
  t.match(await rights('erase', one.caller), { code: 0 }, 'where no day decides, the erasure goes on')
  t.match(await rights('destroy', other.recording), { code: 0 })
  t.notOk(kept.some(one => isOnDisk(archive, one)))
})

t.test('a clock that is behind makes no act that is kept too short, no end and no deadline', async t => {
  const { env, dir, whole, kept } = await site(t)
  const { caller, recording } = kept[0]!
  const clock = await falseClock(join(dir, 'faketime'), CACHE_S)
  await clock.move('-400d')
  const run = (...words: string[]) => consentryTogether({ ...env, ...clock.env }, ...words)
  const reason = ['--reason', 'asked in writing']
  const end = ['--until', '2100-01-01']
  const deadline = ['--kind', 'access', '--law', 'gdpr']
  const attempts: [string, ...string[]][] = [
    ['Nothing was destroyed', 'rights', 'erase', caller, ...reason],
    ['Nothing was destroyed', 'rights', 'destroy', recording, ...reason],
    ['The hold was not placed', 'hold', 'add', recording, ...reason, ...end],
    ['The request was not opened', 'rights', 'request', caller, ...deadline],
    ['The incident was not opened', 'incident', 'open', '--what', 'a disk', '--recording', recording],
  ]
  for (const [not, ...words] of attempts)
    t.match(await run(...words), { code: 1, err: new RegExp(`${not}.*PostgreSQL's says.*set it right`, 's') })
  t.ok(whole(), 'every recording is there')
  const made = await Promise.all([
    db.selectFrom('recording').select('revoked_at').where('id', '=', recording).execute(),
    db.selectFrom('hold').select('id').where('recording', '=', recording).execute(),
    db.selectFrom('rights_request').select('id').where('number', '=', caller).execute(),
    db.selectFrom('incident').select('id').execute(),
  ])
  t.strictSame(made, [[{ revoked_at: null }], [], [], []])
  t.match(await run('hold', 'add', recording, ...reason), { code: 0 }, 'a hold without an end needs no clock')
})

t.test(
  'a clock behind the newest event of the journal makes no date, until the clock is confirmed',
  async t => {
    const { archive, kept } = await site(t)
    const day = new DayCheck({ db, clock: systemClock, offMs: () => 0, published: async () => 0 })
    const deps = { ...archive.deps, day }
    t.equal(await day.dateDoubt(), undefined)
    const write = (type: string, after: string) =>
      asOwner.query(
        `insert into event (uuid, at, type, data) values (gen_random_uuid(), now() + interval '${after}', $1, '{}')`,
        [type],
      )
    await write('service.stopped', '1 day')
    t.equal(await day.check(), undefined)
    t.match(await day.dateDoubt(), { kind: 'journal', behind: true, detail: /before the newest event/ })
    const erase = () =>
      erasePerson(deps, person('officer'), { number: kept[0]!.caller, reason: 'asked in writing' })
    await t.rejects(erase(), { code: 'clock.doubtful' })
    t.match((await eventsOf('purge.refused')).at(-1)?.data, { by: 'officer', kind: 'journal' })
    await write('clock.checked', '0 s')
    t.match(await erase(), { recordings: 1 })
  },
)

t.test('a clock that differs from the one that the service kept makes no date', async t => {
  const dateDoubt = (off: number) =>
    new DayCheck({ db, clock: systemClock, offMs: () => off, published: async () => 0 }).dateDoubt()
  t.match(await dateDoubt(-DAY_MS), { kind: 'jumped', behind: true })
  t.match(await dateDoubt(DAY_MS), { kind: 'jumped', behind: false })
})

t.test('after a long time without events a person must confirm the clock once, with a name', async t => {
  const { env, whole, purge } = await site(t, `current_date - 100`)
  await silentFor(117)
  const refused = await consentry(env, 'purge')
  t.match(refused, { code: 1, err: /has no events from .*117 days.*purge --clock-checked/s })
  t.ok(whole(), 'nothing was destroyed')
  t.match((await eventsOf('purge.refused')).at(-1)?.data, { kind: 'journal', doubt: /117 days/ })
  t.match(await consentry(env, 'purge', '--dry-run', '--clock-checked'), { code: 2 })

  t.match(await consentry(env, 'purge', '--clock-checked', '--by', 'olga'), { code: 0 })
  t.notOk(whole())
  const [checked, finished] = (await eventsOf('clock.checked', 'purge.finished')).slice(-2)
  t.match(checked, { type: 'clock.checked', data: { by: 'olga', doubt: /117 days/ } })
  t.match(finished, { type: 'purge.finished', data: { destroyed: 2 } })
  const count = (await eventsOf('clock.checked')).length
  t.ok(await purge(), 'from then on it is certain')
  t.ok(await purge({ clockChecked: true }))
  t.equal((await eventsOf('clock.checked')).length, count, 'nothing is confirmed that nobody doubts')
  await silentFor(6)
  t.ok(await purge(), 'a long weekend needs no word')
})

t.test('a jump that was confirmed to the service need not be confirmed again', async t => {
  const { whole, purge } = await site(t, `current_date - 100`)
  await silentFor(40)
  const settle = (how: 'back' | 'accepted') =>
    asOwner.query(
      `insert into event (uuid, at, type, data)
       values (gen_random_uuid(), now() - interval '40 days', 'clock.settled', $1)`,
      [{ byMs: 40 * DAY_MS, how }],
    )
  await settle('back')
  await t.rejects(purge(), { code: 'clock.doubtful' }, 'that a clock came back by itself confirms nothing')
  t.ok(whole())
  await settle('accepted')
  t.match(await purge(), { destroyed: 2 })
  t.notOk(whole())
})

t.test('a clock that has jumped cannot be confirmed', async t => {
  const { archive } = await site(t, `current_date - 100`)
  const day = new DayCheck({ db, clock: systemClock, offMs: () => 3 * DAY_MS, published: async () => 0 })
  const confirmed = { at: Date.now(), by: 'olga', clockChecked: true }
  await t.rejects(runPurge({ ...archive.deps, day }, confirmed), {
    message: /differs by 259200 s.*clock\.json/,
  })
})
