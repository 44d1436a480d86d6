// Real: the console's server without a socket, PostgreSQL with the console's role, the journal, ffmpeg. Fake: the clock.
// Whoever presses a button twice wants one deed.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { listLines } from '../../../src/lines/change-lines.js'
import { listDrafts, listNewDrafts } from '../../../src/lines/drafts/show-draft.js'
import { addPrompt } from '../../../src/lines/prompts/make-prompts.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { person } from '../../support/data/actors.js'
import { spokenPath } from '../../support/data/hostile-sounds.js'
import { told } from '../../support/data/told-events.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'
import { testConsole } from '../../support/processes/console.js'
import { FORM } from '../../support/processes/console-routes.js'

/** Longer than an answer is given again to an equal request, ms. */
const LATER_MS = 1_001

const clock = new FakeClock(Date.now())
const { app, deps, people } = await testConsole(t, { clock })
const [boss, other] = [await people('administrator'), await people('administrator')]
const post = (url: string, fields: Record<string, string> = {}, { headers } = boss) =>
  app.inject({
    ...{ method: 'POST', url, headers: { ...headers, ...FORM, 'accept-language': 'en' } },
    payload: new URLSearchParams(fields).toString(),
  })
const count = async (type: 'user.invited' | 'user.reset') =>
  (await told(deps.db).select('id').where('type', '=', type).execute()).length

t.test(
  'of equal requests of one session within a second one is carried out, and all get its answer',
  async t => {
    const wanted = { name: 'nina', roles: 'auditor' }
    const answers = [
      ...(await Promise.all([post('/people', wanted), post('/people', wanted)])),
      await post('/people', wanted),
    ]
    const [address, ...others] = answers.map(({ headers }) => String(headers.location))
    t.match(address, /^\/people\/links\//)
    t.strictSame(others, [address, address])
    t.equal(await count('user.invited'), 1)
    t.match((await app.inject({ url: address!, headers: { ...boss.headers } })).body, /invitation#[\w-]{43}/)

    t.equal((await post('/people', wanted, other)).statusCode, 422, 'another session')
    t.equal((await post('/people', { ...wanted, roles: 'operator' })).statusCode, 422, 'another request')
    t.equal((await post('/people', wanted)).statusCode, 422, 'after another request')
    await post('/people', { ...wanted, name: 'oleg' })
    clock.standStill(LATER_MS)
    t.equal((await post('/people', { ...wanted, name: 'oleg' })).statusCode, 422, 'later')
    const requests = await told(deps.db).select('data').where('type', '=', 'console.requested').execute()
    t.equal(requests.filter(({ data }) => data['action'] === 'user.invite').length, 8, 'each is journalled')
  },
)

t.test('a request that was refused is carried out when it comes again', async t => {
  t.equal((await post('/people/olga/reset')).statusCode, 404)
  await post('/people', { name: 'olga', roles: 'auditor' })
  t.equal((await post('/people/olga/reset')).statusCode, 303)
  t.equal(await count('user.reset'), 1)
})

t.test('whoever begins a draft of a line again gets the one that is untouched yet', async t => {
  const begin = async (browser = boss) => {
    clock.standStill(LATER_MS)
    return String((await post('/lines/new', { number: '700', language: 'en' }, browser)).headers.location)
  }
  const draft = await begin()
  t.equal(await begin(), draft)
  const refused = await post('/lines/new', { number: '700', language: 'en' }, other)
  t.match(
    refused,
    { statusCode: 409, body: /There is a draft of 700 already/ },
    'another person is led to it',
  )
  const { location } = (await post('/lines/new', { number: '700', language: 'ru' })).headers
  t.not(location, draft, 'of another language')
  await post(`${draft}/fields`, { revision: '1', field: 'waitMs', value: '4' })
  t.not(await begin(), draft, 'once it is changed')
  t.equal((await listNewDrafts(deps)).length, 3)
})

t.test('a draft of a line in force is begun once, and published and discarded once', async t => {
  const [first] = await listNewDrafts(deps)
  const published = () => post(`/drafts/${first!.id}/publish`, { revision: String(first!.revision) })
  t.match(await published(), { statusCode: 303, headers: { location: `/drafts/${first!.id}` } })
  clock.standStill(LATER_MS)
  t.match(await published(), { statusCode: 303, headers: { location: `/drafts/${first!.id}` } }, 'again')
  const byOther = await post(`/drafts/${first!.id}/publish`, { revision: String(first!.revision) }, other)
  t.equal(byOther.statusCode, 409, 'by somebody else')
  t.equal((await post(`/drafts/${first!.id}/publish`, { revision: '7' })).statusCode, 409, 'of another one')
  matchEach(t, await listLines(deps), [{ number: '700', version: 1 }])

  const known = (await listDrafts(deps, '700')).length
  const begun = async () => String((await post('/lines/700/drafts')).headers.location)
  const draft = await begun()
  clock.standStill(LATER_MS)
  t.equal(await begun(), draft)
  t.equal((await listDrafts(deps, '700')).length, known + 1)
  for (const _ of [1, 2]) {
    clock.standStill(LATER_MS)
    t.match(await post(`${draft}/discard`, { revision: '1' }), { statusCode: 303 })
  }
  t.not(await begun(), draft)
})

t.test('a version of a prompt is published once', async t => {
  const key = { name: 'refused', language: 'en' } as const
  const made = { ...key, how: 'upload', sound: readFileSync(spokenPath) } as const
  const { prompt } = await addPrompt(deps, person('anna'), made)
  const publish = (browser = boss) => {
    clock.standStill(LATER_MS)
    return post(
      `/prompts/refused/en/versions/${prompt.version}/publish`,
      { state: 'draft', inForce: '0' },
      browser,
    )
  }
  for (const _ of [1, 2])
    t.match(await publish(), { statusCode: 303, headers: { location: '/prompts/refused/en' } })
  t.equal((await publish(other)).statusCode, 422)
})
