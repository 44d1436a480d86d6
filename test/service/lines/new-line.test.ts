// Real: the console's server, PostgreSQL with the console's role, the journal. Fake: none.
// A line is not replaced by mistake.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { listDrafts } from '../../../src/operations/drafts/show-draft.js'
import { saveLines } from '../../../src/operations/lines/save-lines.js'
import { validateLine } from '../../../src/policy/validate.js'
import { person } from '../../support/data/actors.js'
import { testConsole } from '../../support/processes/console.js'
import { FORM, routesOf } from '../../support/processes/console-routes.js'

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

t.test('a line whose page could not be reached is refused, begun or set', async t => {
  const taken = new Set(routesOf(app).flatMap(({ url }) => /^\/lines\/([^:/]+)/.exec(url)?.[1] ?? []))
  t.ok(taken.size >= 2, [...taken].join(', '))
  for (const number of taken) {
    for (const [language, words] of [
      ['en', 'choose another number'],
      ['ru', 'Выберите другой номер'],
    ] as const) {
      const { statusCode, body } = await app.inject({
        ...{ method: 'POST', url: '/lines/new' },
        headers: { ...headers, ...FORM, 'accept-language': language },
        payload: `number=${number}&language=en`,
      })
      t.equal(statusCode, 422, number)
      t.match(body, words)
    }
    t.throws(() => validateLine({ ...labLines[1]!, number }), {
      message: /number is the address of another page/,
    })
  }
})
