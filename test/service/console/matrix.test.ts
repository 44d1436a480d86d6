// Real: the console's server without a socket, PostgreSQL with the console's role, the journal, stores, ffmpeg, flite. Fake: none.
// Every route that the API describes is requested by every role and by nobody.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { changeLines } from '../../../src/operations/lines/change-lines.js'
import { sayPrompt } from '../../../src/operations/prompts/make-prompts.js'
import { projectRoot } from '../../../src/process/project.js'
import { ROLES } from '../../../src/shared/actor.js'
import { newCallId } from '../../../src/shared/ids.js'
import { person } from '../../support/data/actors.js'
import { recordedCall } from '../../support/data/call-events.js'
import { APPEND_LIMIT_MS, startTestJournal } from '../../support/data/journal.js'
import { testConsole } from '../../support/processes/console.js'
import { useVoices } from '../../support/processes/voices.js'

interface Operation {
  summary: string
  'x-action': string
  'x-roles': string[]
  responses: Record<string, { content?: object }>
}

await useVoices()
const { app, deps, tokens, requests, serviceUrl } = await testConsole(t)
await changeLines(deps, person('anna'), { ...labLines[0]!, number: '700' })
const words = { name: 'thanks', language: 'en', template: 'Thank you for calling.' }
await sayPrompt(deps, person('anna'), { ...words, engine: 'flite' })
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
/** A valid body of each route that takes one. */
const bodies: Record<string, object> = {
  'prompt.say': { template: 'Thank you.', engine: 'flite' },
  'prompt.add': granted,
  'line.set': { ...labLines[0]!, number: '700' },
  'line.try': labLines[0]!,
  'line.restore': { version: 1 },
}

const address = (path: string): string =>
  path
    .replace('{call}', call)
    .replace('{number}', '700')
    .replace('{name}/{language}', 'thanks/en')
    .replace('{version}', '1')

t.test('the API describes itself, refusals too', async t => {
  t.equal(description.openapi, '3.1.0')
  t.ok(routes.length >= 8, `${routes.length} routes`)
  for (const { operation } of routes)
    t.match(operation.responses, { '4XX': { content: { 'application/problem+json': {} } } })
})

t.test('the page of the API has every route with its roles', async t => {
  const page = await readFile(join(projectRoot(), 'docs', 'api.md'), 'utf8')
  const documented = [...page.matchAll(/^\| `([A-Z]+ [^`]+)` \|[^|]+\| ([^|]+) \|$/gm)].map(
    ([, route, roles]) => `${route}: ${roles}`,
  )
  const real = routes.map(({ path, method, operation: { 'x-roles': roles } }) => {
    const shown = roles.join() === ROLES.join() ? 'every role' : roles.join(', ')
    return `${method.toUpperCase()} ${path.replace('/api/v1', '')}: ${shown}`
  })
  t.strictSame(documented.sort(), real.sort())
})

for (const { path, method, operation } of routes) {
  const { 'x-action': action, 'x-roles': allowed, responses } = operation
  const success = Object.keys(responses).filter(status => status.startsWith('2'))
  t.test(`${method.toUpperCase()} ${path} answers each role as it is declared`, async t => {
    for (const role of [...ROLES, null]) {
      const known = await requests()
      const answer = await app.inject({
        method: method.toUpperCase() as 'GET',
        url: address(path),
        headers: {
          ...(role && { authorization: tokens[role] }),
          ...(types[action] && { 'content-type': types[action] }),
        },
        ...(bodies[action] && { payload: bodies[action] }),
      })
      const { statusCode } = answer
      if (role === null) t.equal(statusCode, 401, 'nobody')
      else if (allowed.includes(role)) t.ok(success.includes(String(statusCode)), `${role}: ${answer.body}`)
      else t.equal(statusCode, 403, `${role}: ${answer.body}`)
      const journalled = (await requests()).slice(known.length)
      t.match(journalled, { length: 1, 0: { by: role, way: 'token', action, status: statusCode } })
    }
  })
}

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
