// Real: the console's server without a socket, PostgreSQL with the console's role, the journal, stores, ffmpeg, flite. Fake: none.
// Every route that the API describes is requested by every role and by nobody.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { ROLES } from '../../../src/core/actor.js'
import { newCallId } from '../../../src/core/ids.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { changeLines } from '../../../src/lines/change-lines.js'
import { requestApproval } from '../../../src/lines/drafts/approve-draft.js'
import { beginDraft } from '../../../src/lines/drafts/edit-draft.js'
import { scheduleDraft } from '../../../src/lines/drafts/schedule-draft.js'
import { changeGroup } from '../../../src/lines/groups.js'
import { sayPrompt } from '../../../src/lines/prompts/make-prompts.js'
import { proposePrompt } from '../../../src/lines/prompts/propose-prompt.js'
import { publishPrompt } from '../../../src/lines/prompts/publish-prompts.js'
import { proposeGroup } from '../../../src/lines/propose-group.js'
import { person } from '../../support/data/actors.js'
import { recordedCall } from '../../support/data/call-events.js'
import { APPEND_LIMIT_MS, startTestJournal } from '../../support/data/journal.js'
import { SoftPasskey } from '../../support/data/soft-passkey.js'
import { assertUnpublished, BY_API, TEXT, TYPED } from '../../support/data/typed-number.js'
import { testConsole } from '../../support/processes/console.js'
import { scratch } from '../../support/processes/database.js'
import { consolesForStrangers } from '../../support/processes/strangers.js'
import { logSettingsIn, updateLog } from '../../support/processes/tlog.js'
import { useVoices } from '../../support/processes/voices.js'

interface Operation {
  summary: string
  'x-action': string
  'x-roles': string[]
  'x-people-only': boolean
  responses: Record<string, { content?: object }>
}

await useVoices()
const { app, deps, tokens, people, newRequests, serviceUrl } = await testConsole(t, {}, {}, `-${TYPED}`)
const forStrangers = consolesForStrangers(t, deps)
await changeGroup(deps, person('anna'), { name: 'sales', input: {} })
await changeLines(deps, person('anna'), { ...labLines[0]!, number: '700' })
const words = { name: 'thanks', language: 'en', template: 'Thank you for calling.' }
/** @returns the number of a new draft */
const newVersion = async () =>
  (await sayPrompt(deps, person('anna'), { ...words, engine: 'flite' })).prompt.version
await newVersion()
const call = newCallId()
await startTestJournal(t, serviceUrl).append(recordedCall(call).events, APPEND_LIMIT_MS)
const description = (
  await app.inject({ url: '/api/v1/openapi.json', headers: { authorization: tokens.operator } })
).json() as { openapi: string; paths: Record<string, Record<string, Operation>> }
const routes = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

const granted = await readFile(join(projectRoot(), 'prompts', 'en', 'granted.wav'))
/** Media type of each body that is not JSON. */
const types: Record<string, string> = { 'prompt.add': 'audio/wav' }
const foreign = new SoftPasskey('https://consentry.test')
const made = foreign.make({ challenge: 'none', user: { id: 'none' } })
/** A valid body of each route that takes one. */
const bodies: Record<string, object> = {
  'prompt.say': { template: `Thank you, ${TYPED}.`, engine: 'flite' },
  'prompt.add': granted,
  'prompt.record': { endpoint: 'PJSIP/anna' },
  'prompt.propose': { step: 'publish' },
  'prompt.approve': { comment: TEXT },
  'prompt.refuse': { comment: TEXT },
  'line.set': { ...labLines[0]!, number: '700' },
  'line.try': labLines[0]!,
  'line.restore': { version: 1 },
  'session.open': { name: 'nobody', passphrase: 'nothing that fits' },
  'invitation.begin': { secret: 'none' },
  'invitation.accept': { secret: 'none', passphrase: 'nothing that fits' },
  'user.invite': { name: `new-${TYPED}`, roles: ['auditor'] },
  'user.change': { roles: ['auditor'] },
  'training.record': { what: TEXT, on: '2026-01-31' },
  'me.change-passphrase': { present: 'not the one', wanted: 'another one that fits' },
  'me.prove': { passphrase: 'not the one' },
  'me.change-second-factor': { code: '000000' },
  'rules.publish': { text: `Ask ${TYPED}` },
  'rules.acknowledge': { version: 'a'.repeat(64) },
  'line.replay': { line: { ...labLines[0]!, number: '700' } },
  'draft.begin': {},
  'line-group.set': { waitMs: 4_000 },
  'line-group.preview': { waitMs: 4_000 },
  'line-group.propose': { waitMs: 4_000 },
  'line-group.approve': { comment: TEXT },
  'line-group.refuse': { comment: TEXT },
  'session.open-passkey': { response: foreign.prove({ challenge: 'none' }) },
  'invitation.begin-passkey': { secret: 'none' },
  'invitation.accept-passkey': { secret: 'none', name: 'Laptop', response: made },
  'me.add-passkey': { name: 'Laptop', response: made },
  'me.prove-by-passkey': { response: foreign.prove({ challenge: 'none' }) },
  'company.set': { name: 'Acme', language: 'en' },
  'recipient.add': { purposes: ['service'], publicKey: 'A'.repeat(43) },
}

/** Deeds that these bodies ask for in vain: signing in takes a real user, and who may do it is what this test asks. */
const inVain: Record<string, number> = {
  'session.open': 401,
  'invitation.begin': 401,
  'invitation.accept': 401,
  'me.change-passphrase': 422,
  'me.prove': 422,
  // A person of this test has nothing that proves who they are.
  'me.begin-second-factor': 409,
  'me.change-second-factor': 409,
  'rules.acknowledge': 422,
  'draft.ring': 422,
  'session.open-passkey': 401,
  'invitation.begin-passkey': 401,
  'invitation.accept-passkey': 401,
  'me.begin-passkey-proof': 422,
  'me.prove-by-passkey': 422,
  'me.add-passkey': 422,
  'me.remove-passkey': 404,
  'prompt.record': 422,
  // No service runs here.
  'recipient.add': 503,
  'pbx.read': 503,
  'call.ask': 503,
}

const anna = person(`anna ${TYPED}`)
const boris = person(`boris ${TYPED}`)

let waitMs = 3_000
/** The line with a wait that it has not had before. A draft or version that changes nothing is refused. */
const changedLine = () => ({ ...labLines[0]!, number: '700', waitMs: ++waitMs })

/** A draft that boris has begun and changed last. @returns its id and revision */
async function draftIn(state: 'open' | 'awaiting-approval' | 'scheduled' | 'outdated') {
  const input = changedLine()
  const { id: draft, revision } = await beginDraft(deps, boris, { line: '700', input })
  const seen = { draft, revision }
  if (state === 'awaiting-approval') await requestApproval(deps, boris, seen)
  if (state === 'outdated') await changeLines(deps, anna, input)
  const publishAt = new Date(Date.now() + 3_600_000)
  if (state === 'scheduled') await scheduleDraft(deps, boris, { ...seen, publishAt })
  return seen
}

/** The state in which a draft must be for each route that changes it. */
const states: Record<string, Parameters<typeof draftIn>[0]> = {
  'draft.approve': 'awaiting-approval',
  'draft.refuse': 'awaiting-approval',
  'draft.cancel-schedule': 'scheduled',
  'draft.rebase': 'outdated',
}

/** The body of a route about a draft. */
const bodyOfDraft = (action: string, revision: number): object => ({
  revision,
  ...(action === 'draft.change' && { input: {} }),
  ...(['draft.approve', 'draft.refuse'].includes(action) && { comment: TEXT }),
  ...(action === 'draft.ring' && { endpoint: 'PJSIP/anna' }),
  ...(action === 'draft.schedule' && { publishAt: new Date(Date.now() + 3_600_000).toISOString() }),
})

/** The change of a group or of a prompt that waits for a second person, for the routes about one. */
let proposal = ''
const proposeAgain = async (action: string) => {
  const ofPrompt = { name: 'thanks', language: 'en', step: 'publish' as const }
  const { id } = action.startsWith('prompt.')
    ? await proposePrompt(deps, anna, { ...ofPrompt, version: await newVersion() })
    : await proposeGroup(deps, anna, { name: 'sales', input: {} })
  proposal = id
}

const address = (path: string): string =>
  path
    .replace('{call}', call)
    .replace('{number}', '700')
    .replace('{name}/{language}', 'thanks/en')
    .replace('{group}', 'sales')
    .replace('{proposal}', proposal)

t.test('the API describes itself, refusals too', async t => {
  t.equal(description.openapi, '3.1.0')
  t.ok(routes.length >= 8, `${routes.length} routes`)
  for (const { operation } of routes)
    t.match(operation.responses, { '4XX': { content: { 'application/problem+json': {} } } })
})

t.test('the page of the API has every route with its roles', async t => {
  const page = await readFile(join(projectRoot(), 'docs', 'commands.md'), 'utf8')
  const [, list] = /<!-- begin routes[^>]*>([\s\S]*)<!-- end routes/.exec(page)!
  const documented = list!.split(/^#### /m).flatMap(part => {
    const roles = part.slice(0, part.indexOf('\n'))
    return [...part.matchAll(/`([A-Z]+ [^`]+)`/g)].map(([, route]) => `${route}: ${roles}`)
  })
  const real = routes.map(({ path, method, operation }) => {
    const roles = operation['x-roles']
    const named = roles.join() === ROLES.join() ? 'every role' : roles.join(', ')
    const shown = operation['x-people-only'] ? `${named}, no token` : named
    return `${method.toUpperCase()} ${path.replace('/api/v1', '')}: ${shown}`
  })
  t.strictSame(documented.sort(), real.sort())
})

/** The steps of one version of a prompt. */
const VERSION_STEPS = ['prompt.publish', 'prompt.withdraw', 'prompt.discard', 'prompt.propose']
/** How many requests were sent. */
let sent = 0

for (const { path, method, operation } of routes) {
  const { 'x-action': action, 'x-roles': allowed, 'x-people-only': peopleOnly, responses } = operation
  const success = Object.keys(responses).filter(status => status.startsWith('2'))
  t.test(`${method.toUpperCase()} ${path} answers each role as it is declared`, async t => {
    const who = ROLES.flatMap(role => (['token', 'console'] as const).map(way => ({ role, way })))
    for (const { role, way } of [{ role: null, way: null }, ...who]) {
      const { draft, revision } = path.includes('{draft}')
        ? await draftIn(states[action] ?? 'open')
        : { draft: '', revision: 0 }
      const body = draft && ['post', 'put'].includes(method) ? bodyOfDraft(action, revision) : bodies[action]
      // A version is published once, and withdrawn or discarded once.
      const ofPrompt = VERSION_STEPS.includes(action)
      const version = ofPrompt && role === 'administrator' ? await newVersion() : 1
      if (action === 'prompt.withdraw' && version > 1)
        await publishPrompt(deps, person('anna'), { name: 'thanks', language: 'en', version })
      if (action === 'line.restore') await changeLines(deps, anna, changedLine())
      if (path.includes('{proposal}')) await proposeAgain(action)
      const asked = ++sent
      await newRequests()
      // A deed may end a session or change a user, so each has people of its own.
      const browser = way === 'console' ? await people(role!) : undefined
      const subject = path.includes('{name}') ? await people('operator') : undefined
      const server = role ? app : await forStrangers()
      const answer = await server.inject({
        method: method.toUpperCase() as 'GET',
        url: address(path)
          .replace('{version}', String(version))
          .replace('{name}', subject?.actor.name ?? '')
          .replace('{session}', browser?.actor.session ?? newCallId())
          .replace('{draft}', draft),
        // An address of its own: failed sign-ins of one address are slowed down.
        remoteAddress: `10.0.${asked >> 8}.${asked & 255}`,
        headers: {
          ...(browser?.headers ?? (role ? { authorization: tokens[role] } : {})),
          ...(types[action] && { 'content-type': types[action] }),
        },
        ...(method === 'delete' && draft && { query: { revision: String(revision) } }),
        ...(body && { payload: unique(action, body, asked) }),
      })
      const { statusCode } = answer
      const told = `${role} by ${way}: ${answer.body}`
      const expected = inVain[action]
      if (role === null && !allowed.includes('anyone')) t.equal(statusCode, 401, 'nobody')
      else if (way === 'token' && peopleOnly) t.equal(statusCode, 403, told)
      else if (role !== null && !allowed.includes(role) && !allowed.includes('anyone'))
        t.equal(statusCode, 403, told)
      else if (expected) t.equal(statusCode, expected, told)
      else t.ok(success.includes(String(statusCode)), told)
      const journalled = await newRequests()
      const by = browser?.actor.name ?? (role && `${role}-${TYPED}`)
      const session = browser?.actor.session ?? null
      t.match(journalled, { length: 1, 0: { by, action, status: statusCode, session } })
      if (way) t.equal(journalled[0]!['way'], way)
    }
  })
}

/** A body that can be asked for several times. */
const unique = (action: string, body: object, count: number): object => {
  if (action === 'user.invite') return { ...body, name: `new-${TYPED}-${count}` }
  return action === 'rules.publish' ? { text: `Ask ${TYPED}. ${count}` } : body
}

t.test('the number that was typed into every text and name of the API is in no tile', async t => {
  const settings = logSettingsIn(await scratch(t))
  await updateLog(serviceUrl, settings)
  await assertUnpublished(t, deps.db, settings.dir, BY_API)
})

t.test('each answer of a route says that it is not to be kept, framed or guessed', async t => {
  for (const url of ['/api/v1/me', '/api/v1/calls?limit=x', '/nowhere', '/api/v1/openapi.json']) {
    const { headers } = await app.inject({ url, headers: { authorization: tokens.supervisor } })
    t.match(headers, {
      'cache-control': 'no-store',
      'content-security-policy': /default-src 'none'/,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    })
  }
})
