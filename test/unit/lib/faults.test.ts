// Real: errors. Fake: the program's log.
import t from 'tap'
import { systemClock } from '../../../src/core/clock.js'
import { AppError } from '../../../src/core/errors.js'
import { withDeadline } from '../../../src/lib/deadline.js'
import { faultOf, logUnlessExpected } from '../../../src/lib/faults.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { createErrorLog } from '../../support/fakes/error-log.js'

const SECRET = '+7 900 123-45-67'

t.test(
  'a fault is its class, its code and its place in our code, and nothing that the error quotes',
  async t => {
    const quoting = Object.assign(new RangeError(`${SECRET}\n    at src/secret.ts:1:1`), { code: '22P02' })
    quoting.stack = `RangeError: ${quoting.message}
    at parse (node:internal/x:1:1)
    at Module.read (file:///opt/consentry/node_modules/pg/src/read.js:2:2)
    at Calls.arrived (file:///opt/consentry/dist/src/call/run/calls.js:10:5)
    at hear (file:///opt/consentry/dist/src/main/main.js:3:3)`
    t.strictSame(faultOf(quoting), { kind: 'RangeError', code: '22P02', at: 'src/call/run/calls.js:10:5' })
    const odd = Object.assign(new Error(SECRET), { name: SECRET, code: SECRET, stack: undefined })
    t.strictSame(faultOf(odd), { kind: 'Error' })
    t.strictSame(faultOf(SECRET), { kind: 'string' })
    t.strictSame(faultOf(undefined), { kind: 'undefined' })
  },
)

t.test('a real error of our code has its place', async t => {
  const broken = undefined as unknown as Promise<void>
  const error = () => new Error('late')
  const thrown = await withDeadline(broken, { clock: systemClock, ms: 1, error }).catch((one: unknown) => one)
  t.match(faultOf(thrown), { kind: 'TypeError', at: /^src\/lib\/deadline\.[jt]s:\d+:\d+$/ })
})

t.test('only what nobody expects is logged', async t => {
  const { log, errors } = createErrorLog()
  logUnlessExpected(log, new AppError('pbx.timeout', 'late'), 'it could not be done')
  t.strictSame(errors, [])
  logUnlessExpected(log, new TypeError(SECRET), 'it could not be done', { call: 'one' })
  matchEach(t, errors, [{ call: 'one', kind: 'TypeError', text: 'it could not be done' }])
  t.notOk(JSON.stringify(errors).includes(SECRET))
})
