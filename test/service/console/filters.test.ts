// Real: the console's server without a socket, PostgreSQL with the console's role. Fake: none.
// Prompts and people are found and narrowed by the address of the page alone.
import t from 'tap'
import { inviteUser } from '../../../src/accounts/invitations.js'
import { listPrompts } from '../../../src/lines/prompts/find-prompts.js'
import { person } from '../../support/data/actors.js'
import { testConsole } from '../../support/processes/console.js'

const { app, deps, admin, people } = await testConsole(t)
const { headers } = await people('administrator')
await inviteUser(admin, person('anna'), { name: 'алёна.петрова', roles: ['supervisor', 'auditor'] })
await inviteUser(admin, person('anna'), { name: 'pavel', roles: ['operator'] })
const page = async (path: string, query: Record<string, string> = {}) => {
  const url = `${path}?${new URLSearchParams(query)}`
  return (await app.inject({ url, headers: { ...headers, 'accept-language': 'en' } })).body
}
/** Names of the people that are shown. */
const names = async (query: Record<string, string>) =>
  [...(await page('/people', query)).matchAll(/<div class="who-is"><b>([^<]+)/g)].map(([, name]) => name)
/** Names and languages of the prompts that are shown. */
const prompts = async (query: Record<string, string>) =>
  [...(await page('/prompts', query)).matchAll(/class="said".*?href="\/prompts\/([^"]+?)\/audio/gs)].map(
    ([, key]) => key!,
  )

t.test('people are found by a part of the name, by role and by state', async t => {
  t.strictSame(await names({}), ['administrator-1', 'pavel', 'алёна.петрова'])
  t.strictSame(await names({ find: 'АЛЕНА' }), ['алёна.петрова'], 'ё and capitals do not matter')
  t.strictSame(await names({ role: 'auditor' }), ['алёна.петрова'])
  t.strictSame(await names({ role: 'operator', find: 'pav' }), ['pavel'])
  t.strictSame(await names({ state: 'disabled' }), [])
  t.match(await page('/people', { find: 'nobody' }), 'Nothing is like this.')
  t.match(await page('/people', { find: 'pavel' }), /<a href="\/people">Show all<\/a><span[^>]*>1 of 3</)
  const typed = await page('/people', { find: '"><b>', role: 'operator' })
  t.match(typed, 'value="&quot;>&lt;b>"')
  t.match(typed, '<option value="operator" selected>')
  t.strictSame(await names({ role: 'nonsense', state: '' }), ['administrator-1', 'pavel', 'алёна.петрова'])
})

t.test('prompts are found by their words or name, by language and by place', async t => {
  const all = await listPrompts(deps)
  t.equal((await prompts({})).length, all.length)
  t.strictSame(await prompts({ find: 'disclosure-key', language: 'en' }), ['disclosure-key/en'])
  const questions = await prompts({ role: 'question', language: 'ru' })
  t.ok(questions.length > 2 && questions.every(key => /^question.*\/ru$/.test(key)), questions.join())
  t.match(await page('/prompts', { find: 'zzz' }), 'Nothing is like this.')
  const words = all.find(({ name, language }) => name === 'refused' && language === 'ru')!.text
  t.ok((await prompts({ find: words.toUpperCase() })).includes('refused/ru'))
})
