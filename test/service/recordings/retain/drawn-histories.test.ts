// Real: PostgreSQL, journal, key store, disk store. Fake: the content of containers and keys.
// Histories of recordings are drawn: holds, corrections, withdrawals, erasures, keys put back, and forged statements.
// Long: 2,000 histories.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { DAY_MS } from '../../../../src/core/clock.js'
import { event } from '../../../../src/core/events.js'
import { type HoldId, newActId } from '../../../../src/core/ids.js'
import { verifyDerived } from '../../../../src/recordings/audit/verify.js'
import { sweepKeys } from '../../../../src/recordings/destroy/sweep-keys.js'
import { placeHold, releaseHold } from '../../../../src/recordings/retain/holds.js'
import { runPurge } from '../../../../src/recordings/retain/run-purge.js'
import { correctPerson } from '../../../../src/rights/correct-person.js'
import { destroyRecording } from '../../../../src/rights/destroy-recording.js'
import { person } from '../../../support/data/actors.js'
import {
  type ArchivedRecording,
  fillArchive,
  hasKey,
  isOnDisk,
  openArchive,
} from '../../../support/data/archive.js'
import { isLong, seed } from '../../../support/fuzz/seeded.js'
import { scratch, testDatabase } from '../../../support/processes/database.js'

const AT = Date.parse('2026-03-03T00:00:00Z')
const HISTORIES = isLong ? 2_000 : 120
const ROUNDS = 6
/** Corrections rewrite whole tables, so they are few. */
const CORRECTIONS_PER_ROUND = 5
const STATED = { kind: 'hold', reason: 'lawsuit', by: 'olga', expiresAt: null } as const
const officer = person('officer')

const { db, asService, server } = await testDatabase(t)
const dir = await scratch(t)
const archive = await openArchive(dir, db, server.url)
const { deps } = archive
t.teardown(() => deps.journal.stop())

/** What is known of one recording. */
interface History {
  one: ArchivedRecording
  due: boolean
  withdrawn: boolean
  erased: boolean
  /** The present number of the caller. */
  number: string
  holds: HoldId[]
  gone: boolean
}

const copyOf = (one: ArchivedRecording) => join(dir, 'copies', one.part)
const keyOf = ({ due, part }: ArchivedRecording) => join(archive.keys[0]!, 'service', due, part)
let corrections = 0
let numbers = 0

const hold = async (one: History, on: Parameters<typeof placeHold>[1]['on']) => {
  const placed = await placeHold(deps, { ...STATED, on })
  if (one.gone) t.equal(placed.kept, 0, 'a hold on a destroyed recording keeps nothing')
  one.holds.push(placed.hold)
}
const forge = (type: string, call: string | null, data: object) =>
  asService.query(
    `insert into event (uuid, call_id, at, type, data) values (gen_random_uuid(), $1, now(), $2, $3)`,
    [call, type, JSON.stringify(data)],
  )

/** What may happen to a recording. */
const STEPS: Record<string, (one: History) => Promise<unknown>> = {
  nothing: async () => undefined,
  holdRecording: one => hold(one, { recording: one.one.recording }),
  holdCall: one => hold(one, { call: one.one.call }),
  holdNumber: one => hold(one, { number: one.number }),
  async release(one) {
    const released = one.holds.pop()
    if (released) await releaseHold(deps, released, STATED)
  },
  async correct(one) {
    // The number of a destroyed recording may be erased.
    if (one.gone || corrections++ >= CORRECTIONS_PER_ROUND) return
    const to = `+7999${String(++numbers).padStart(7, '0')}`
    const onNumber = await db
      .selectFrom('hold')
      .where('number', '=', one.number)
      .where('released_at', 'is', null)
      .select('id')
      .execute()
    await correctPerson(deps, officer, { number: one.number, to, reason: 'misheard' })
    const moved = await db
      .selectFrom('hold')
      .where('number', '=', to)
      .where('released_at', 'is', null)
      .select('id')
      .execute()
    one.holds = [
      ...one.holds.filter(id => !onNumber.some(old => old.id === id)),
      ...moved.map(({ id }) => id),
    ]
    one.number = to
  },
  async withdraw(one) {
    const data = { purposes: ['service' as const], keep: false }
    await deps.journal.append([event('consent.withdrawn', one.one.call, AT, data)], 10_000)
    one.withdrawn = true
  },
  withdrawKept: one =>
    deps.journal.append(
      [event('consent.withdrawn', one.one.call, AT, { purposes: ['service'], keep: true })],
      10_000,
    ),
  async erase(one) {
    const done = await destroyRecording(deps, officer, {
      recording: one.one.recording,
      reason: 'asked',
    }).catch(() => undefined)
    if (done?.act) one.gone = one.erased = true
  },
  async putKeyBack(one) {
    if (!one.gone) return
    mkdirSync(dirname(keyOf(one.one)), { recursive: true })
    copyFileSync(copyOf(one.one), keyOf(one.one))
  },
  async forgeAct(one) {
    if (one.gone) return
    const act = newActId()
    await asService.query(
      `insert into act (id, cause, reason, by) values ($1, 'withdrawal', 'forged', 'nobody')`,
      [act],
    )
    await asService.query(`update recording set state = 'destroying', act = $1 where id = $2`, [
      act,
      one.one.recording,
    ])
  },
  async forgeTimes(one) {
    if (one.gone) return
    await asService.query(`update answer set withdrawn_at = '2026-02-01' where call_id = $1`, [one.one.call])
    await asService.query(`update recording set revoked_at = '2026-02-01' where id = $1`, [one.one.recording])
    one.erased = true
  },
  forgeRelease: one => forge('hold.released', null, { hold: one.holds.at(-1) ?? one.one.call }),
  forgeCorrection: one => forge('person.corrected', one.one.call, {}),
}

t.test(`${HISTORIES} drawn histories: no held recording goes, and none outlives its term`, async t => {
  const drawn = fc.sample(
    fc.array(fc.constantFrom(...Object.keys(STEPS)), { minLength: ROUNDS, maxLength: ROUNDS }),
    {
      seed,
      numRuns: HISTORIES,
    },
  )
  const due = `case when n % 3 = 0 then date '2099-01-01' else date '2026-03-02' end`
  const made = await fillArchive(archive, server.adminUrl, { count: HISTORIES, due })
  const histories = made.map((one): History => {
    mkdirSync(dirname(copyOf(one)), { recursive: true })
    copyFileSync(keyOf(one), copyOf(one))
    const isDue = one.due < '2030'
    return { one, due: isDue, withdrawn: false, erased: false, number: one.caller, holds: [], gone: false }
  })
  const clock = { ...deps.clock, now: () => Date.now() + DAY_MS }
  const purgeAndCompare = async (round: string) => {
    await runPurge(deps, { at: AT, by: 'purge' })
    await sweepKeys({ ...deps, clock }, new Set())
    const holdsInForce = histories.some(({ holds }) => holds.length > 0)
    const wrong = histories.flatMap((history, i) => {
      const { one, withdrawn, erased, holds } = history
      history.gone ||= withdrawn || ((history.due || erased) && holds.length === 0)
      // A destroyed recording may have had the number of any hold once its own number is erased.
      const keyMayStay = history.gone && holdsInForce
      const isRight = history.gone
        ? !existsSync(join(archive.store, one.object)) && (keyMayStay || !hasKey(archive, one))
        : isOnDisk(archive, one) && existsSync(join(archive.store, one.object)) && hasKey(archive, one)
      return isRight ? [] : [{ steps: drawn[i], round, gone: history.gone, holds: holds.length }]
    })
    t.strictSame(wrong.slice(0, 3), [])
  }
  for (let round = 0; round < ROUNDS; round++) {
    corrections = 0
    for (const [i, history] of histories.entries()) await STEPS[drawn[i]![round]!]!(history)
    await purgeAndCompare(`after round ${round + 1}`)
  }
  for (const one of histories) while (one.holds.length > 0) await STEPS['release']!(one)
  await purgeAndCompare('after all holds were released')
  t.ok(histories.some(({ gone }) => !gone) && histories.some(({ withdrawn }) => withdrawn))
  const { faults } = await verifyDerived(db)
  t.ok(
    faults.some(({ where }) => where.startsWith('act ')),
    'verify names the forged acts',
  )
})
