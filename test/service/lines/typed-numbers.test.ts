// Real: the console's server without a socket, PostgreSQL with the console's role. Fake: none.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { changeLines } from '../../../src/lines/change-lines.js'
import { readDraft } from '../../../src/lines/drafts/show-draft.js'
import { person } from '../../support/data/actors.js'
import { testConsole } from '../../support/processes/console.js'
import { FORM } from '../../support/processes/console-routes.js'

const { app, deps, people } = await testConsole(t)
const { headers } = await people('administrator')
const NUMBER = '+74951234567'
const TYPED = [
  NUMBER,
  '+7 495 123-45-67',
  ' +7 (495) 123 45 67 ',
  '+7.495.123.45.67',
  '+7\u00a0495\u2009123\u201145\u201467',
  '\u2068+7 495 123-45-67\u2069',
  '＋７ ４９５ １２３ ４５ ６７',
]
const post = (url: string, fields: Record<string, string>) =>
  app.inject({
    ...{ method: 'POST', url, headers: { ...headers, ...FORM, 'accept-language': 'en' } },
    payload: new URLSearchParams(fields).toString(),
  })

t.test('a number is understood as people write it, where a line is begun', async t => {
  for (const address of ['/lines/new', '/setup/line'])
    for (const number of TYPED) {
      const { headers: answer } = await post(address, { number, language: 'ru' })
      const [, id] = /([0-9a-f-]{36})/.exec(String(answer.location)) ?? []
      t.equal((await readDraft(deps, id!)).line, NUMBER, JSON.stringify(number))
    }
})

t.test('and where the page of a number is looked for', async t => {
  for (const number of TYPED)
    t.match(
      await app.inject({ url: `/lines?${new URLSearchParams({ number })}`, headers }),
      { statusCode: 303, headers: { location: `/lines/${encodeURIComponent(NUMBER)}` } },
      JSON.stringify(number),
    )
})

t.test('a number that is a line is refused with a link to that line', async t => {
  await changeLines(deps, person('anna'), { ...labLines[0]!, number: '74950000000' })
  const { statusCode, body } = await post('/lines/new', { number: '7 495 000-00-00', language: 'ru' })
  t.equal(statusCode, 409)
  t.match(body, 'href="/lines/74950000000"')
  t.match(body, 'value="7 495 000-00-00"', 'what was typed stays')
})

t.test('what is no number stays as it was typed, and is refused', async t => {
  for (const number of ['sales-desk', '495 123 ext 5', 'отдел продаж', '()'])
    t.equal((await post('/lines/new', { number, language: 'ru' })).statusCode, 422, number)
})

t.test('an extension of the dialplan is understood, too', async t => {
  const { headers: answer } = await post('/lines/new', { number: '200', language: 'ru' })
  const draft = String(answer.location)
  const step = { value: 'transfer', context: 'from-internal', extension: '8 (800) 555-35-35', priority: '1' }
  t.equal((await post(`${draft}/fields`, { revision: '1', field: 'onRefused', ...step })).statusCode, 303)
  t.match((await readDraft(deps, draft.slice('/drafts/'.length))).input, {
    onRefused: { do: 'transfer', extension: '88005553535' },
  })
})
