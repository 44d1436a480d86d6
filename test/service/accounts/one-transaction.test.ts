// Real: PostgreSQL with the console's role, the journal, a voice, ffmpeg, argon2id. Fake: none.
import t, { type Test } from 'tap'
import { addReadyUser } from '../../../lab/lab-admin.js'
import { labLines } from '../../../lab/lab-lines.js'
import { inviteUser, resetUser } from '../../../src/accounts/invitations.js'
import { renewRecoveryCodes } from '../../../src/accounts/own-account.js'
import { prove } from '../../../src/accounts/proof.js'
import { acknowledgeRules, publishRules } from '../../../src/accounts/rules.js'
import { codeAt } from '../../../src/accounts/second-factor.js'
import { signOut } from '../../../src/accounts/sessions.js'
import { signIn } from '../../../src/accounts/sign-in.js'
import { addToken, revokeToken } from '../../../src/accounts/tokens.js'
import { recordTraining } from '../../../src/accounts/training.js'
import { changeRoles, disableUser, enableUser } from '../../../src/accounts/users.js'
import type { Config } from '../../../src/config/config.js'
import type { Actor } from '../../../src/core/actor.js'
import { DAY_MS } from '../../../src/core/clock.js'
import type { EventType } from '../../../src/core/events.js'
import { Secret } from '../../../src/core/secret.js'
import { sql } from '../../../src/db/database.js'
import { approveDraft, refuseDraft, requestApproval } from '../../../src/lines/drafts/approve-draft.js'
import { beginDraft, changeDraft, discardDraft } from '../../../src/lines/drafts/edit-draft.js'
import { cancelSchedule, scheduleDraft } from '../../../src/lines/drafts/schedule-draft.js'
import { changeCompany } from '../../../src/lines/prompts/company.js'
import { sayPrompt } from '../../../src/lines/prompts/make-prompts.js'
import {
  approvePrompt,
  proposePrompt,
  refusePrompt,
  withdrawPromptProposal,
} from '../../../src/lines/prompts/propose-prompt.js'
import { publishPrompt, withdrawPrompt } from '../../../src/lines/prompts/publish-prompts.js'
import {
  approveGroup,
  proposeGroup,
  refuseProposal,
  withdrawProposal,
} from '../../../src/lines/propose-group.js'
import { person } from '../../support/data/actors.js'
import { toldEvents } from '../../support/data/told-events.js'
import { testConsole } from '../../support/processes/console.js'
import { browserOf, STEP_MS } from '../../support/processes/people.js'
import { useVoices } from '../../support/processes/voices.js'
import { withoutCommit } from '../../support/processes/without-commit.js'

await useVoices()
const { deps, admin, asOwner } = await testConsole(t)
const root = person('root')
const anna: Actor = { name: 'anna', way: 'console', roles: ['administrator'] }
const boris: Actor = { ...anna, name: 'boris' }

const count = async (type: EventType) => (await toldEvents(deps.db, type)).length
const rowsOf = async (table: string) =>
  (await asOwner.query(`select t::text as row from ${table} t order by 1`)).rows

/** Shows that a change of a table and its event are both there, or neither. @returns what `work` does */
async function bothOrNeither<T>(t: Test, table: string, type: EventType, work: () => Promise<T>): Promise<T> {
  const before = { events: await count(type), rows: await rowsOf(table) }
  await withoutCommit(t, asOwner, table, work)
  t.strictSame({ events: await count(type), rows: await rowsOf(table) }, before, `${type}: neither`)
  const done = await work()
  t.equal(await count(type), before.events + 1, `${type}: the event`)
  t.notSame(await rowsOf(table), before.rows, `${type}: the row`)
  return done
}

t.test('of a token, there are event and row, or neither', async t => {
  const request = { name: 'crm', roles: ['auditor'], expiresAt: null } as const
  await bothOrNeither(t, 'token', 'token.added', () => addToken(admin, root, request))
  await bothOrNeither(t, 'token', 'token.revoked', () => revokeToken(admin, root, 'crm'))
})

t.test('so it is of the company', async t => {
  const change = () => changeCompany(deps, anna, { name: 'Acme', language: 'en' })
  await bothOrNeither(t, 'installation', 'company.changed', change)
})

t.test('so it is of prompts', async t => {
  const key = { name: 'granted', language: 'en' }
  const say = () => sayPrompt(deps, anna, { ...key, template: 'Thank you. This call is recorded.' })
  const { prompt } = await bothOrNeither(t, 'prompt_version', 'prompt.saved', say)
  const made = { ...key, version: prompt.version }
  await bothOrNeither(t, 'prompt_version', 'prompt.published', () => publishPrompt(deps, anna, made))
  await bothOrNeither(t, 'prompt_version', 'prompt.withdrawn', () => withdrawPrompt(deps, anna, made))

  const propose = () => proposePrompt(deps, anna, { ...made, step: 'publish' })
  const first = await bothOrNeither(t, 'proposal', 'prompt.proposed', propose)
  const seen = { ...key, proposal: first.id }
  await bothOrNeither(t, 'proposal', 'prompt.proposal-withdrawn', () =>
    withdrawPromptProposal(deps, anna, seen),
  )
  const decided = { ...key, proposal: (await propose()).id, comment: 'Too fast.' }
  await bothOrNeither(t, 'proposal', 'prompt.proposal-refused', () => refusePrompt(deps, boris, decided))
  const { id: proposal } = await propose()
  const approve = () => approvePrompt(deps, boris, { ...key, proposal })
  await bothOrNeither(t, 'prompt_version', 'prompt.published', approve)
})

t.test('so it is of each step of a draft', async t => {
  const required = { ...deps, config: { ...deps.config, lineApproval: 'required' } as Config }
  const input = { ...labLines[1]!, number: '700' }
  const step = <T>(type: EventType, work: () => Promise<T>) => bothOrNeither(t, 'line_draft', type, work)
  const { id: draft } = await step('line.draft-saved', () =>
    beginDraft(required, anna, { line: '700', input }),
  )
  const seen = { draft, revision: 2 }
  await step('line.draft-saved', () =>
    changeDraft(required, anna, { draft, revision: 1, input: { ...input, waitMs: 4_000 } }),
  )
  await step('line.approval-requested', () => requestApproval(required, anna, seen))
  const refused = { ...seen, comment: 'Callers have too little time.' }
  await step('line.approval-refused', () => refuseDraft(required, boris, refused))
  await requestApproval(required, anna, seen)
  await step('line.approved', () => approveDraft(required, boris, seen))
  const publishAt = new Date(Date.now() + DAY_MS)
  await step('line.scheduled', () => scheduleDraft(required, anna, { ...seen, publishAt }))
  await step('line.schedule-cancelled', () => cancelSchedule(required, anna, seen))
  await step('line.draft-discarded', () => discardDraft(required, anna, seen))
})

t.test('so it is of a proposed change of a group, also if the database refuses its end', async t => {
  const { number: _, ...input } = labLines[1]!
  const table = 'proposal'
  const propose = () => proposeGroup(deps, anna, { name: 'sales', input })
  const first = await bothOrNeither(t, table, 'line.group-proposed', propose)
  const seen = { name: 'sales', proposal: first.id }
  await bothOrNeither(t, table, 'line.group-proposal-withdrawn', () => withdrawProposal(deps, boris, seen))
  const decided = { name: 'sales', proposal: (await propose()).id, comment: 'Too little time.' }
  await bothOrNeither(t, table, 'line.group-proposal-refused', () => refuseProposal(deps, boris, decided))
  const { id: proposal } = await propose()
  const approve = () => approveGroup(deps, boris, { name: 'sales', proposal })
  await withoutCommit(t, asOwner, table, approve, { code: 'journal.refused' })
  t.strictSame([await count('line.group-changed'), (await rowsOf('line_group')).length], [0, 0])
  t.match(await approve(), { version: 1 })
  t.equal(await count('line.group-changed'), 1)
  const open = sql`select from proposal where ended_at is null`.execute(deps.db)
  t.equal((await open).rows.length, 0, 'the proposal does not wait any more')
})

t.test('so it is of users, rules and training', async t => {
  const [name, roles] = ['maria', ['auditor']] as const
  const user = <T>(type: EventType, work: () => Promise<T>) => bothOrNeither(t, '"user"', type, work)
  await user('user.invited', () => inviteUser(deps, anna, { name, roles }))
  await user('user.roles-changed', () => changeRoles(deps, anna, name, ['operator']))
  await user('user.disabled', () => disableUser(deps, anna, name))
  await user('user.enabled', () => enableUser(deps, anna, name))
  await bothOrNeither(t, 'user_invitation', 'user.reset', () => resetUser(deps, anna, name))
  const publish = () => publishRules(deps, anna, 'Hear only what you need.')
  const version = await bothOrNeither(t, 'rules', 'rules.published', publish)
  const { actor } = await browserOf(deps, 'ivan', ['supervisor'])
  const acknowledge = () => acknowledgeRules(deps, actor, version)
  await bothOrNeither(t, 'rules_acknowledged', 'rules.acknowledged', acknowledge)
  const train = () => recordTraining(deps, anna, 'ivan', { what: 'Course', on: '2026-01-20' })
  await bothOrNeither(t, 'user_training', 'training.recorded', train)
})

t.test('so it is of whoever signs in, proves who they are, changes their account and signs out', async t => {
  const { user: name, password, totp } = await addReadyUser(deps, { name: 'olga', roles: ['operator'] })
  const who = { passphrase: new Secret(password), address: '127.0.0.1' }
  const codeIn = (ms: number) => new Secret(codeAt(totp, deps.clock.now() + ms))
  const session = <T>(type: EventType, work: () => Promise<T>) => bothOrNeither(t, 'user_session', type, work)
  const { actor } = await session('user.signed-in', () => signIn(deps, { ...who, name, code: codeIn(0) }))
  await session('user.proved', () => prove(deps, { ...who, actor, code: codeIn(STEP_MS) }))
  const renew = () => renewRecoveryCodes(deps, actor)
  await bothOrNeither(t, 'user_recovery_code', 'user.recovery-codes-renewed', renew)
  await session('session.ended', () => signOut(deps, actor))
})
