// Real: the console's server without a socket, PostgreSQL with the console's role. Fake: none.
// A deed that a page and the API do asks the same of whoever does it. page-roles.test.ts compares roles and tokens of all pairs.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { openSession } from '../../../src/accounts/sessions.js'
import type { Actor } from '../../../src/core/actor.js'
import { approveDraft, requestApproval } from '../../../src/lines/drafts/approve-draft.js'
import { beginDraft } from '../../../src/lines/drafts/edit-draft.js'
import { publishDraft } from '../../../src/lines/drafts/publish-draft.js'
import { approveGroup, proposeGroup } from '../../../src/lines/propose-group.js'
import { giveKey } from '../../../src/site/recipients.js'
import { person } from '../../support/data/actors.js'
import { testConsole } from '../../support/processes/console.js'
import { FORM } from '../../support/processes/console-routes.js'

const { app, deps, people, tokens, asOwner } = await testConsole(t)
const anna = person('anna')
const program: Actor = { name: 'crm', way: 'token', roles: ['administrator'] }
const refused = { code: 'person.required' }

/** A draft that anna asks to have approved. */
async function awaiting() {
  const { id: draft, revision } = await beginDraft(deps, anna, {
    ...{ line: '700', input: { ...labLines[0]!, number: '700' } },
  })
  await requestApproval(deps, anna, { draft, revision })
  return { draft, revision }
}

t.test('a token approves no draft, by a page, by the API or otherwise', async t => {
  const { draft, revision } = await awaiting()
  for (const url of [`/drafts/${draft}/approve`, `/api/v1/drafts/${draft}/approve`]) {
    const payload = url.startsWith('/api') ? { revision } : `revision=${revision}`
    const form = url.startsWith('/api') ? {} : FORM
    const headers = { authorization: tokens.administrator, ...form }
    t.match(await app.inject({ method: 'POST', url, headers, payload }), { statusCode: 403 }, url)
  }
  await t.rejects(approveDraft(deps, program, { draft, revision }), refused)
  const { rows } = await asOwner.query(`SELECT approved_by FROM line_draft WHERE id = '${draft}'`)
  t.strictSame(rows, [{ approved_by: null }])
})

t.test('what a token has approved before is not published where an approval is needed', async t => {
  const seen = await awaiting()
  const { approved } = await approveDraft(deps, person('boris'), seen)
  t.equal(approved?.way, 'command')
  await asOwner.query(`UPDATE line_draft SET approved_way = 'token' WHERE id = '${seen.draft}'`)
  const config = { ...deps.config, lineApproval: 'required' as const }
  await t.rejects(publishDraft({ ...deps, config }, anna, seen), { code: 'approval.required' })
})

t.test('a token approves no change of a group, and brings no key', async t => {
  const { id: proposal } = await proposeGroup(deps, anna, { name: 'sales', input: {} })
  await t.rejects(approveGroup(deps, program, { name: 'sales', proposal }), refused)
  await t.rejects(giveKey(deps, program, { purposes: ['service'], publicKey: 'A'.repeat(43) }), refused)
})

const typed = { present: 'not the one', wanted: 'another one that fits' }
const passkey = '018f0000-0000-7000-8000-000000000001'
/** Deeds that need a fresh proof, as a page and as the API does them. */
const proven = [
  { page: '/me/passphrase', method: 'PUT', api: '/me/passphrase', body: typed },
  { page: '/me/second-factor/begin', method: 'POST', api: '/me/second-factor', body: {} },
  { page: '/me/second-factor', method: 'PUT', api: '/me/second-factor', body: { code: '000000' } },
  { page: '/me/recovery-codes', method: 'POST', api: '/me/recovery-codes', body: {} },
  { page: `/me/passkeys/${passkey}/remove`, method: 'DELETE', api: `/me/passkeys/${passkey}`, body: {} },
  { page: `/me/sessions/{session}/end`, method: 'DELETE', api: '/sessions/{session}', body: {} },
] as const

for (const { page, method, api, body } of proven)
  t.test(`${page} and ${api} ask whoever proved nothing lately for a proof`, async t => {
    const { headers, actor } = await people('administrator')
    const at = deps.clock.now()
    const { id: other } = await openSession(deps.db, { user: actor.user, address: '127.0.0.1', at })
    const [onPage, onApi] = [page, api].map(path => path.replace('{session}', other))
    await asOwner.query(
      `UPDATE user_session SET proven_at = now() - interval '1 hour' WHERE user_id = '${actor.user}'`,
    )
    const asPage = await app.inject({
      ...{ method: 'POST', url: onPage!, headers: { ...headers, ...FORM } },
      payload: new URLSearchParams(body as Record<string, string>).toString(),
    })
    t.match(asPage, { statusCode: 303, headers: { location: '/me#confirm' } })
    const asApi = await app.inject({ method, url: `/api/v1${onApi}`, headers, payload: body })
    t.match(asApi, { statusCode: 403, body: /confirm that it is you/ })
  })
