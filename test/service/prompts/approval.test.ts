// Real: the console's server without a socket, PostgreSQL with the console's role, the journal, ffmpeg, flite, the
// command as a process. Fake: none.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { addToken } from '../../../src/accounts/tokens.js'
import type { Actor } from '../../../src/core/actor.js'
import type { EventType } from '../../../src/core/events.js'
import { changeLines } from '../../../src/lines/change-lines.js'
import { changeCompany } from '../../../src/lines/prompts/company.js'
import { promptVersions } from '../../../src/lines/prompts/find-prompts.js'
import { addPrompt, sayPrompt } from '../../../src/lines/prompts/make-prompts.js'
import { nameCompany } from '../../../src/lines/prompts/name-company.js'
import {
  approvePrompt,
  openPromptProposals,
  proposePrompt,
  refusedPrompt,
  refusePrompt,
  withdrawPromptProposal,
} from '../../../src/lines/prompts/propose-prompt.js'
import { discardPrompt, publishPrompt, withdrawPrompt } from '../../../src/lines/prompts/publish-prompts.js'
import { publishSpoken } from '../../../src/lines/prompts/speak-line.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { person } from '../../support/data/actors.js'
import { spokenPath } from '../../support/data/hostile-sounds.js'
import { toldEvents } from '../../support/data/told-events.js'
import { consentryTogether } from '../../support/processes/commands-together.js'
import { testConsole } from '../../support/processes/console.js'
import { FORM } from '../../support/processes/console-routes.js'
import { scratch } from '../../support/processes/database.js'
import { useVoices } from '../../support/processes/voices.js'

await useVoices()
const { admin, app, deps, people, tokens, serviceUrl } = await testConsole(
  t,
  {},
  { CONSENTRY_LINE_APPROVAL: 'required' },
)
const administrator = (name: string): Actor => ({ name, way: 'console', roles: ['administrator'] })
const [anna, boris, vera] = [administrator('anna'), administrator('boris'), administrator('vera')]
const key = { name: 'granted', language: 'en' } as const
const sound = readFileSync(spokenPath)
const template = 'Thank you. This call is recorded.'
const made = async (actor: Actor, name: string = key.name) => {
  const { prompt } = await addPrompt(deps, actor, { ...key, name, template, sound, how: 'upload' })
  return { ...key, name, version: prompt.version }
}
const inForce = async (name: string = key.name) => {
  const found = (await promptVersions(deps, { ...key, name })).find(one => one.inForce)
  return found && found.how !== 'shipped' ? found.version : 0
}
const events = async (type: EventType) => (await toldEvents(deps.db, type)).map(({ data }) => data)
const required = { code: 'approval.required' }

t.test('nobody alone puts words into force or takes them out', async t => {
  const draft = await made(anna)
  const crm: Actor = { name: 'crm', way: 'token', roles: ['administrator'] }
  for (const actor of [anna, boris, crm]) {
    await t.rejects(publishPrompt(deps, actor, draft), required, `${actor.name} alone`)
    await t.rejects(withdrawPrompt(deps, actor, draft), required, `${actor.name} alone`)
  }
  await t.rejects(publishPrompt(deps, person('root'), draft), {
    ...{ ...required, message: /--propose.*--without-approval/ },
  })
  t.equal(await inForce(), 0)

  const proposal = await proposePrompt(deps, anna, { ...draft, step: 'publish', seen: { inForce: 0 } })
  t.match(proposal, { ...draft, step: 'publish', by: 'anna', inForce: 0, outdated: false })
  const seen = { ...key, proposal: proposal.id }
  await t.rejects(approvePrompt(deps, { ...anna, name: ' Anna' }, seen), required)
  await t.rejects(approvePrompt(deps, crm, seen), { code: 'person.required' })
  await t.rejects(refusePrompt(deps, anna, { ...seen, comment: 'No.' }), required)
  t.equal(await inForce(), 0)
  t.match(await approvePrompt(deps, boris, { ...seen, comment: ' Heard it. ' }), draft)
  t.equal(await inForce(), draft.version)
  t.match((await events('prompt.published')).at(-1), {
    ...{
      by: 'boris',
      version: draft.version,
      proposal: { id: proposal.id, by: 'anna', comment: 'Heard it.' },
    },
  })
  matchEach(t, await events('prompt.proposed'), [
    { by: 'anna', proposal: proposal.id, step: 'publish', version: draft.version, inForce: 0 },
  ])
  await t.rejects(approvePrompt(deps, vera, seen), { code: 'not-found' }, 'once')

  const withdrawal = await proposePrompt(deps, vera, { ...draft, step: 'withdraw' })
  await t.rejects(approvePrompt(deps, vera, { ...key, proposal: withdrawal.id }), required)
  await approvePrompt(deps, anna, { ...key, proposal: withdrawal.id })
  t.equal(await inForce(), 0)
  t.match((await events('prompt.withdrawn')).at(-1), { by: 'anna', proposal: { by: 'vera' } })
})

t.test('whoever has a part in the words does not approve them, whoever proposes', async t => {
  await made(anna)
  const draft = await made(boris)
  const { id: proposal, changers } = await proposePrompt(deps, vera, { ...draft, step: 'publish' })
  t.strictSame(
    changers.map(({ by }) => by),
    ['anna', 'boris', 'vera'],
  )
  for (const actor of [anna, boris, vera])
    await t.rejects(approvePrompt(deps, actor, { ...key, proposal }), required, actor.name)
  await approvePrompt(deps, administrator('olga'), { ...key, proposal })

  await addToken(admin, person('Vera'), { name: 'studio', roles: ['administrator'], expiresAt: null })
  const studio: Actor = { name: 'studio', way: 'token', roles: ['administrator'] }
  const byProgram = await made(studio, 'refused')
  const proposed = await proposePrompt(deps, boris, { ...byProgram, step: 'publish' })
  const seen = { name: 'refused', language: 'en', proposal: proposed.id }
  await t.rejects(approvePrompt(deps, vera, seen), {
    ...required,
    message: /token studio, which you have added/,
  })
  await approvePrompt(deps, anna, seen)
})

t.test('what was rejected, withdrawn, replaced or overtaken is not made', async t => {
  const draft = await made(anna)
  const propose = async () => (await proposePrompt(deps, anna, { ...draft, step: 'publish' })).id
  const comment = 'The voice is too fast.'
  const [first, second] = [await propose(), await propose()]
  await t.rejects(approvePrompt(deps, vera, { ...key, proposal: first }), { code: 'not-found' }, 'replaced')
  await t.rejects(refusePrompt(deps, vera, { ...key, proposal: second, comment: ' ' }), {
    code: 'request.invalid',
  })
  await refusePrompt(deps, vera, { ...key, proposal: second, comment })
  t.match(await refusedPrompt(deps.db, key), { by: 'anna', refused: { by: 'vera', comment } })
  t.match((await events('prompt.proposal-refused')).at(-1), { by: 'vera', proposal: second, comment })
  await t.rejects(approvePrompt(deps, vera, { ...key, proposal: second }), { code: 'not-found' })

  const third = await propose()
  t.equal(await refusedPrompt(deps.db, key), undefined)
  await withdrawPromptProposal(deps, boris, { ...key, proposal: third })
  t.match((await events('prompt.proposal-withdrawn')).at(-1), { by: 'boris', proposal: third })
  t.strictSame(await openPromptProposals(deps.db, key), [])

  const fourth = await propose()
  await discardPrompt(deps, anna, draft)
  matchEach(t, await openPromptProposals(deps.db, key), [{ outdated: true }])
  await t.rejects(approvePrompt(deps, vera, { ...key, proposal: fourth }), { code: 'request.conflict' })
  const raced = await made(anna)
  const { id: proposal } = await proposePrompt(deps, anna, { ...raced, step: 'publish' })
  const both = await Promise.allSettled(
    [boris, vera].map(actor => approvePrompt(deps, actor, { ...key, proposal })),
  )
  t.strictSame(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
})

t.test('what publishes several prompts at once proposes them', async t => {
  const line = { ...labLines.find(one => one.language === 'en' && one.mode === 'key')!, number: '700' }
  await changeLines(deps, person('root'), line, { withoutApproval: true })
  const { prompt } = await sayPrompt(deps, anna, { name: 'refused', language: 'en', voice: 'slt' })
  const wanted = { ...key, name: 'refused', version: prompt.version, inForce: await inForce('refused') }
  await publishSpoken(deps, anna, { line: '700', drafts: [wanted] })
  await publishSpoken(deps, boris, { line: '700', drafts: [wanted] })
  const waiting = async (name: string) => openPromptProposals(deps.db, { ...key, name })
  // An equal proposal stays.
  matchEach(t, await waiting('refused'), [{ by: 'anna', version: prompt.version }])
  t.equal(await inForce('refused'), wanted.inForce)

  await changeCompany(deps, anna, { name: 'Acme', language: 'en' })
  t.equal(await nameCompany(deps, anna, 'en', ['disclosure-key']), 1)
  matchEach(t, await waiting('disclosure-key'), [{ by: 'anna', step: 'publish' }])
  t.equal(await inForce('disclosure-key'), 0)
  t.equal(await nameCompany(deps, anna, 'en', ['disclosure-key']), 0, 'what waits is not made again')
})

t.test('neither a program nor a page nor the command gets around the second person', async t => {
  const draft = await made(anna, 'thanks')
  const at = `/prompts/thanks/en/versions/${draft.version}`
  const program = (url: string, payload: object = {}) =>
    app.inject({
      method: 'POST',
      url: `/api/v1${url}`,
      payload,
      headers: { authorization: tokens.administrator },
    })
  t.match(await program(`${at}/publish`), { statusCode: 403 })
  const asked = await program(`${at}/proposals`, { step: 'publish' })
  t.equal(asked.statusCode, 201, asked.body)
  const { id } = asked.json<{ id: string }>()
  t.match(await program(`/prompts/thanks/en/proposals/${id}/approve`), { statusCode: 403 })

  const [olga, petr] = [await people('administrator'), await people('administrator')]
  const send = ({ headers }: typeof olga, url: string, fields: Record<string, string>) =>
    app.inject({
      ...{ method: 'POST', url, headers: { ...headers, ...FORM } },
      payload: new URLSearchParams(fields).toString(),
    })
  const page = async ({ headers }: typeof olga, url = '/prompts/thanks/en', language = 'en') =>
    (await app.inject({ url, headers: { ...headers, accept: 'text/html', 'accept-language': language } }))
      .body
  t.match(await send(olga, `${at}/publish`, { state: 'draft' }), { statusCode: 403 })
  const proposed = await send(olga, `${at}/propose`, { step: 'publish', state: 'draft', inForce: '0' })
  t.match(proposed, { statusCode: 303, headers: { location: '/prompts/thanks/en' } })
  const { id: proposal } = (await openPromptProposals(deps.db, { ...key, name: 'thanks' }))[0]!
  t.notMatch(await page(olga), /Approve and publish/, 'whoever proposed it does not approve')
  const other = await page(petr)
  t.match(other, /Awaits approval[\s\S]*Version \d+ is to be published[\s\S]*Approve and publish/)
  t.match(await page(petr, '/prompts/thanks/en', 'ru'), /Ждёт одобрения[\s\S]*Одобрить и опубликовать/)
  t.match(await page(petr, '/now'), /Prompts that await approval[\s\S]*\/prompts\/thanks\/en#approval/)
  t.match(await page(petr, '/prompts'), /Prompts that await approval/)
  t.match(await page(petr, '/setup/company'), /Prompts that await approval[\s\S]*Speak and ask for approval/)
  const own = await send(olga, '/prompts/thanks/en/approve', { proposal, comment: 'Mine.' })
  t.equal(own.statusCode, 403)
  t.match(own.body, /somebody else must approve[\s\S]*thanks/)
  t.equal(await inForce('thanks'), 0)
  const empty = await send(petr, '/prompts/thanks/en/refuse', { proposal, comment: '' })
  t.match(empty, { statusCode: 422, body: /Say why you reject it/ })
  t.match(await send(petr, '/prompts/thanks/en/approve', { proposal, comment: '' }), { statusCode: 303 })
  t.equal(await inForce('thanks'), draft.version)

  const env = {
    DATABASE_URL: serviceUrl,
    CONSENTRY_DATA: await scratch(t),
    CONSENTRY_LINE_APPROVAL: 'required',
  }
  const run = (...args: string[]) => consentryTogether(env, 'prompt', ...args)
  const withdraw = ['withdraw', 'thanks', '--lang', 'en', '--version', String(draft.version), '--by', 'anna']
  t.match(await run(...withdraw), { code: 1, err: /--propose/ })
  const made1 = await run(...withdraw, '--propose', '--json')
  t.equal(made1.code, 0, made1.err)
  const waits = JSON.parse(made1.out) as { id: string }
  t.match(await run('proposals'), { code: 0, out: new RegExp(`${waits.id}.*thanks.*withdraw`) })
  const decide = (step: string, by: string) =>
    run('proposal', step, 'thanks', '--lang', 'en', '--proposal', waits.id, '--by', by)
  t.match(await decide('approve', 'anna'), { code: 1, err: /somebody else must approve/ })
  t.equal(await inForce('thanks'), draft.version)
  t.match(await decide('approve', 'boris'), { code: 0 })
  t.equal(await inForce('thanks'), 0)

  const again = ['publish', 'thanks', '--lang', 'en', '--version', String(draft.version), '--by', 'anna']
  t.match(await run(...again, '--without-approval'), { code: 0 })
  t.match((await events('prompt.published')).at(-1), { by: 'anna', way: 'command', approval: 'bypassed' })
})
