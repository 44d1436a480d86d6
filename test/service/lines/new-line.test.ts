// Real: the console's server, PostgreSQL with the console's role, the journal. Fake: none.
// A line is not replaced by mistake.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { listDrafts } from '../../../src/operations/drafts/show-draft.js'
import { saveLines } from '../../../src/operations/lines/save-lines.js'
import { person } from '../../support/data/actors.js'
import { testConsole } from '../../support/processes/console.js'
import { FORM } from '../../support/processes/console-routes.js'

const { app, deps, people } = await testConsole(t)
const { headers } = await people('administrator')

t.test('a number that is a line is no new line', async t => {
  await saveLines(deps, person('anna'), [{ ...labLines[1]!, number: '900' }])
  for (const url of ['/lines/new', '/setup/line']) {
    const { statusCode, body } = await app.inject({
      ...{ method: 'POST', url, headers: { ...headers, ...FORM, 'accept-language': 'en' } },
      payload: 'number=900&language=en',
    })
    t.equal(statusCode, 409, url)
    t.match(body, 'Line 900 exists already')
    t.match(body, 'href="/lines/900"')
  }
  t.strictSame(await listDrafts(deps, '900'), [], 'no draft was begun')
})
