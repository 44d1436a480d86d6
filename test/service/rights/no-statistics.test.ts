// Real: PostgreSQL, journal, transparency log, key store, disk store, sealed containers. Fake: none.
import t from 'tap'
import { placeHold } from '../../../src/recordings/retain/holds.js'
import { findPerson } from '../../../src/rights/collect-person.js'
import { openRequest } from '../../../src/rights/requests.js'
import { person } from '../../support/data/actors.js'
import { CALLED_AT, sealCall, startArchiveSetup } from '../../support/processes/archive-setup.js'

const place = await startArchiveSetup(t)
const { deps, logSetup } = place
const officer = person('officer')
const [CALLER, OTHER] = ['+79160000001', '+79160000002']

t.test(
  "the database's statistics have no number, also not those that an erasure would have to reach",
  async t => {
    // As often as makes a value common, and as often as makes a histogram.
    for (let i = 0; i < 6; i += 1)
      await sealCall(place, i % 2 === 0 ? CALLER : OTHER, { at: CALLED_AT + i * 60_000 })
    for (const number of [CALLER, OTHER]) {
      await findPerson(deps, officer, number)
      const request = { number, kind: 'erasure', law: '152-fz', receivedOn: '2026-06-01' } as const
      await openRequest(deps, officer, request)
      const hold = { kind: 'hold', reason: `a claim of ${number}`, by: 'boss', expiresAt: null } as const
      await placeHold(deps, { ...hold, on: { number } })
    }
    const superuser = await logSetup.superuser()
    await superuser.query('analyze')
    const { rows: all } = await superuser.query<{ n: number }>('select count(*)::int as n from pg_statistic')
    t.ok(all[0]!.n > 50, 'other columns have statistics')
    const { rows } = await superuser.query<{ place: string }>(
      `select s.starelid::regclass || '.' || s.staattnum as place from pg_statistic s where strpos(s::text, '7916000000') > 0`,
    )
    t.strictSame(rows, [])
    superuser.cut()
  },
)

t.test(
  'rows that were erased are removed by the next vacuum, and the autovacuum needs no more than one',
  async t => {
    const superuser = await logSetup.superuser()
    const { rows } = await superuser.query<{ options: string[] }>(
      `select reloptions as options from pg_class where relname in ('event_personal', 'hold', 'rights_request') and relkind = 'r'`,
    )
    t.equal(rows.length, 3)
    for (const { options } of rows)
      t.strictSame([...options].sort(), [
        'autovacuum_vacuum_scale_factor=0',
        'autovacuum_vacuum_threshold=0',
        'vacuum_index_cleanup=on',
      ])
    superuser.cut()
  },
)
