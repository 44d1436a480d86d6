// Real: the console's server, PostgreSQL with the console's role, the journal. Fake: none.
// A line is not replaced by mistake.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { listDrafts } from '../../../src/lines/drafts/show-draft.js'
import { saveLines } from '../../../src/lines/save-lines.js'
import { validateLine } from '../../../src/lines/validate.js'
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
    t.match(body, /href="\/lines\/900">Line 900</)
    t.match(body, /<input id="number"[^>]*value="900"/, 'it stays in the field')
  }
  t.strictSame(await listDrafts(deps, '900'), [], 'no draft was begun')
})

t.test('a number that no line can have is refused at its field, which keeps it', async t => {
  const long = '7'.repeat(65)
  for (const url of ['/lines/new', '/setup/line'])
    for (const [number, language, words] of [
      ['7 zero', 'en', 'The number of a line has letters'],
      [long, 'en', 'The number of a line has letters'],
      ['7 zero', 'ru', 'В номере линии'],
    ] as const) {
      const { statusCode, body } = await app.inject({
        ...{ method: 'POST', url, headers: { ...headers, ...FORM, 'accept-language': language } },
        payload: new URLSearchParams({ number, language: 'ru' }).toString(),
      })
      t.equal(statusCode, 422, url)
      const field = new RegExp(
        `<input id="number"[^>]*aria-describedby="number-wrong number-hint"[^>]*aria-invalid="true"[^>]*value="${number}"[^>]*/>` +
          `<p class="wrong" id="number-wrong" role="alert">${words}`,
      )
      t.match(body, field, `${url} ${language}`)
      t.match(body, /<option value="ru" selected/, 'so does the language')
    }
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

t.test('what applies to any number is found, also to one that is no line', async t => {
  const auditor = await people('auditor')
  const get = (url: string, browser = { headers }) =>
    app.inject({ url, headers: { ...browser.headers, accept: 'text/html', 'accept-language': 'en' } })
  t.match(await get('/lines?number=900'), { statusCode: 303, headers: { location: '/lines/900' } })
  t.match(await get('/lines?number='), { statusCode: 200 })
  const none = await get('/lines/901')
  t.equal(none.statusCode, 404)
  t.match(none.body, /<h1>901 is not a line<\/h1>.*The caller hears nothing/s)
  t.match(none.body, /action="\/lines\/new"/)
  const seen = (await get('/lines/901', auditor)).body
  t.match(seen, '901 is not a line')
  t.notMatch(seen, 'action="/lines/new"', 'whoever may not make a line is not asked to')
})
