// Real: the console's server without a socket, PostgreSQL with the console's role, the journal. Fake: none.
// Nobody goes on from the first form without a company, unless it is a trial: a line would be refused at the last step.
import t from 'tap'
import { FirstUser } from '../../../../src/accounts/first-user.js'
import { listUsers } from '../../../../src/accounts/users.js'
import { consoleApp } from '../../../../src/console/app.js'
import { readCompany } from '../../../../src/lines/prompts/company.js'
import { changeTrial, isTrial } from '../../../../src/site/progress.js'
import { person } from '../../../support/data/actors.js'
import { testConsole } from '../../../support/processes/console.js'
import { FORM } from '../../../support/processes/console-routes.js'

async function firstForm(env: Record<string, string> = {}) {
  const { deps } = await testConsole(t, {}, env)
  // The databases of tests are trials.
  await changeTrial(deps, person('anna'), false)
  const firstUser = (await FirstUser.awaited(deps))!
  const app = await consoleApp({ ...deps, firstUser })
  t.teardown(() => app.close())
  const send = (typed: Record<string, string>, language = 'en') =>
    app.inject({
      ...{ method: 'POST', url: '/setup', headers: { ...FORM, 'accept-language': language } },
      payload: new URLSearchParams({
        ...{ secret: firstUser.secret.reveal(), name: 'marina', language: 'en', company: '' },
        ...typed,
      }).toString(),
    })
  const look = async () => (await app.inject({ url: '/setup', headers: { 'accept-language': 'en' } })).body
  return { deps, send, look }
}

t.test('a company or a trial is needed, and what was typed stays', async t => {
  const { deps, send, look } = await firstForm()
  t.match(await look(), /<input type="checkbox" name="trial" value="yes"\/>/)
  for (const company of ['', '  ']) {
    const { statusCode, body } = await send({ company })
    t.equal(statusCode, 422)
    t.match(body, 'name the company, or tick below that this is a trial')
    t.match(body, /<input id="name"[^>]*value="marina"/)
  }
  t.match((await send({}, 'ru')).body, 'назовите компанию или отметьте ниже')
  const example = await send({ company: 'Example Company' })
  t.match(example, { statusCode: 422, body: /“Example Company” is the example of the shipped prompts/ })
  t.match(await send({ company: 'A {company}' }), { statusCode: 422, body: /without braces/ })
  t.strictSame(await listUsers(deps), [], 'nobody was let in')
  t.equal((await send({ company: 'Acme' })).statusCode, 303)
  t.match(await readCompany(deps), { name: 'Acme', language: 'en' })
  t.equal(await isTrial(deps), false)
})

t.test('a trial goes on without a company, and the form that was sent last counts', async t => {
  const { deps, send, look } = await firstForm()
  const wrong = await send({ trial: 'yes', name: 'No Name' })
  t.match(wrong.body, /<input type="checkbox" name="trial" value="yes" checked/)
  t.equal((await send({ trial: 'yes' })).statusCode, 303)
  t.equal(await isTrial(deps), true)
  t.equal((await readCompany(deps)).name, undefined)
  t.match(await look(), /name="trial" value="yes" checked/, 'who opens the address again sees it')
  t.equal((await send({ company: 'Acme' })).statusCode, 303)
  t.equal(await isTrial(deps), false)
})

t.test('whatever was set before by command or setting is not asked for', async t => {
  const named = await firstForm({ CONSENTRY_OPERATOR: '{"name":"Acme","address":"Bonn"}' })
  t.equal((await named.send({})).statusCode, 303)
  const trial = await firstForm()
  await changeTrial(trial.deps, person('anna'), true)
  t.match(await trial.look(), /name="trial" value="yes" checked/)
})
