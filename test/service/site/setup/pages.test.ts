// Real: the console's server without a socket, PostgreSQL with the console's role. Fake: none.
// Each step of setting up can be opened at any time, and says what to do where something is missing.
import t from 'tap'
import { event } from '../../../../src/core/events.js'
import { newCallId, newNodeId, newTrialId } from '../../../../src/core/ids.js'
import { beginLine } from '../../../../src/lines/drafts/begin-line.js'
import { readDraft } from '../../../../src/lines/drafts/show-draft.js'
import { changeCompany } from '../../../../src/lines/prompts/company.js'
import { generateIdentity } from '../../../../src/vault/crypto/keygen.js'
import { person } from '../../../support/data/actors.js'
import { APPEND_LIMIT_MS, startTestJournal } from '../../../support/data/journal.js'
import { testConsole } from '../../../support/processes/console.js'
import { FORM } from '../../../support/processes/console-routes.js'

const { app, deps, people, serviceUrl } = await testConsole(t)
const { headers: administrator } = await people('administrator')
const open = async (url: string, headers: Record<string, string> = administrator) => {
  const { statusCode, body } = await app.inject({ url, headers: { ...headers, 'accept-language': 'en' } })
  t.equal(statusCode, 200, url)
  return body
}

t.test('what is missing is on the first page, each with one action for an administrator', async t => {
  const seen = await open('/now')
  for (const step of ['company', 'key', 'line']) t.match(seen, `href="/setup/${step}"`)
  const others = await open('/now', (await people('auditor')).headers)
  t.match(others, 'no key yet')
  t.notMatch(others, 'href="/setup/key"', 'who may not do it is not led there')
})

t.test(
  'without a service the PBX page says so, and without a phone the last step says what to set',
  async t => {
    t.match(await open('/setup/pbx'), 'The service does not answer')
    t.match(await open('/setup/phone'), 'There is no draft of a line')
    const key = await open('/setup/key')
    t.match(key, 'it needs scripts')
    t.match(key, '<dt>service quality</dt>', 'a purpose has a label')
    t.match(key, 'consentry keygen service<', 'and commands take its name')
    t.notMatch(await open('/setup/key', (await people('auditor')).headers), 'id="key"')
  },
)

t.test('a number that rang is offered first, in the language of most callers', async t => {
  await changeCompany(deps, person('anna'), { name: 'Acme', language: 'ru' })
  t.match(await open('/setup/line'), /value="100"/)
  const call = newCallId()
  const data = { line: null, policy: 0, language: 'ru' as const, mode: 'none', channel: 'pbx-1' }
  await startTestJournal(t, serviceUrl).append(
    [
      event(
        'call.started',
        call,
        Date.now(),
        { ...data, utcOffset: '+03:00', service: newNodeId() },
        { caller: '+79160000001', dialled: '4242' },
      ),
    ],
    APPEND_LIMIT_MS,
  )
  const page = await open('/setup/line')
  t.match(page, /id="number"[^>]*value="4242"/)
  t.match(page, /<option value="ru" selected/)
  const begun = await app.inject({
    ...{ method: 'POST', url: '/setup/line', headers: { ...administrator, ...FORM } },
    payload: 'number=4242&language=ru',
  })
  t.equal(begun.statusCode, 303)
  const [, id] = /^\/setup\/phone\?draft=(.+)$/.exec(String(begun.headers.location)) ?? []
  t.match(await readDraft(deps, id!), { line: '4242', faults: [] })
  const phone = await open('/setup/phone')
  t.match(
    phone,
    /The console rings only phones that CONSENTRY_<wbr\/>RING_<wbr\/>ENDPOINTS names/,
    'the draft changed last',
  )
  t.match(
    phone,
    'A purpose has no key yet',
    'nobody publishes a line without knowing that nothing is recorded',
  )
})

t.test('publishing from the last step leads back to it, and on to the first page', async t => {
  const { id: draft } = await beginLine(deps, person('anna'), { number: '4243', language: 'en' })
  const published = await app.inject({
    ...{ method: 'POST', url: `/drafts/${draft}/publish`, headers: { ...administrator, ...FORM } },
    payload: 'revision=1&from=setup',
  })
  t.match(published, { statusCode: 303, headers: { location: `/setup/phone?draft=${draft}` } })
  const page = await open(`/setup/phone?draft=${draft}`)
  t.match(page, 'Line 4243 is in force.')
  t.match(page, 'A purpose has no key yet')
  t.match(page, /<a class="button main" href="\/now">\s*Finish/)
})

t.test('the last step is done once a phone was answered', async t => {
  const doneSteps = async () => (await open('/setup/phone')).match(/<li class="done">/g)?.length ?? 0
  const ended = async (answered: boolean) => {
    const trial = { trial: newTrialId(), answered, decision: null, answers: [], heard: [] }
    await startTestJournal(t, serviceUrl).append(
      [event('trial.ended', null, Date.now(), trial)],
      APPEND_LIMIT_MS,
    )
  }
  await ended(false)
  const before = await doneSteps()
  await ended(true)
  t.equal(await doneSteps(), before + 1)
})

t.test('where the setting has the keys, or one is in force, no other one is drawn', async t => {
  const { recipient } = generateIdentity('marketing')
  const set = await testConsole(t, {}, { CONSENTRY_RECIPIENTS: JSON.stringify([recipient]) })
  const { headers } = await set.people('administrator')
  const { body } = await set.app.inject({ url: '/setup/key', headers: { ...headers } })
  t.match(body, `whoever has the key ${recipient.keyId}`)
  t.match(body, '<dt>marketing</dt>')
  t.notMatch(body, 'id="key"')
})
