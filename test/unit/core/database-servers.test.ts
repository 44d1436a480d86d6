// Real: the reading of URLs. Fake: none.
import t from 'tap'
import { databaseUrl } from '../../../src/config/fields.js'
import { serversIn } from '../../../src/core/database-servers.js'

t.test('a URL may name several servers', async t => {
  const role = 'postgres://consentry:a%40b'
  t.strictSame(
    serversIn(`${role}@one:5432,two:5433/consentry?target_session_attrs=read-write&sslmode=verify-full`),
    [`${role}@one:5432/consentry?sslmode=verify-full`, `${role}@two:5433/consentry?sslmode=verify-full`],
  )
  t.strictSame(serversIn(`${role}@[::1]:1,two/c?target_session_attrs=primary`), [
    `${role}@[::1]:1/c`,
    `${role}@two/c`,
  ])
  for (const one of [
    `${role}@one/consentry?application_name=a,b`,
    'postgres://a:b@/c?host=/run/pg',
    'nonsense',
  ])
    t.strictSame(serversIn(one), [one], 'one server stays as it is')
})

t.test('the setting takes them, and refuses what leads to no primary', async t => {
  const faults = (url: string) => databaseUrl.safeParse(url).error?.issues.map(({ message }) => message) ?? []
  t.strictSame(faults('postgres://a:b@one:5432,two:5432/c'), [])
  t.strictSame(faults('postgres://a:b@one,two/c?target_session_attrs=read-write'), [])
  t.match(faults('postgres://a:b@one:5432,two:x/c').join(), /^it is not a valid URL/)
  t.match(faults('postgres://a:b@one,two/c?target_session_attrs=any').join(), /takes writes/)
})
