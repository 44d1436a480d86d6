// Real: the check of a route's access. Fake: the routes that are checked.
import t from 'tap'
import { access, requireAccess } from '../../../src/console/access.js'

const whole = {
  method: 'GET',
  url: '/x',
  config: access('pbx.read'),
  schema: { summary: 'Reads x', response: {} },
}

t.test('a route that does not say who may use it, or what it answers, is refused', async t => {
  t.doesNotThrow(() => requireAccess(whole))
  for (const [without, named] of [
    [{ ...whole, config: {} }, /GET \/x has no access/],
    [{ ...whole, schema: { response: {} } }, /summary/],
    [{ ...whole, schema: { summary: 'Reads x' } }, /response/],
    [{ method: 'GET', url: '/x' }, /access, summary, response/],
  ] as const)
    t.throws(() => requireAccess(without), named)
})
