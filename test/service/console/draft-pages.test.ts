// Real: the console's server without a socket, PostgreSQL with the console's role. Fake: none.
import t from 'tap'
import { testConsole } from '../../support/processes/console.js'
import { FORM } from '../../support/processes/console-routes.js'

const { app, people } = await testConsole(t)
const { headers: administrator } = await people('administrator')
const get = (url: string) => app.inject({ url, headers: { ...administrator, 'accept-language': 'en' } })
const post = (url: string, fields: Record<string, string>, more: Record<string, string> = {}) =>
  app.inject({
    ...{ method: 'POST', url, headers: { ...administrator, ...FORM, 'accept-language': 'en', ...more } },
    payload: new URLSearchParams(fields).toString(),
  })
const begin = async (number: string) => {
  const { headers, statusCode } = await post('/lines/new', { number, language: 'en' })
  t.equal(statusCode, 303)
  return String(headers.location)
}

t.test('a draft of a number that is no line yet is found again, until it is discarded', async t => {
  const draft = await begin('4951234567')
  t.match(
    (await get('/lines')).body,
    new RegExp(`href="${draft}">4951234567</a><span class="tag plain">draft<`),
  )
  t.match(await get('/lines/4951234567'), { statusCode: 303, headers: { location: draft } })
  await post(`${draft}/discard`, { revision: '1' })
  t.notMatch((await get('/lines')).body, '4951234567')
  t.equal((await get('/lines/4951234567')).statusCode, 404)
  t.match((await get(draft)).body, '<a class="button" href="/lines">')
})

t.test('a refusal leads back to the page from which it was asked for, and to no other site', async t => {
  const draft = await begin('4951234568')
  const host = { host: 'localhost:8081' }
  const stale = (referer: string) => post(`${draft}/publish`, { revision: 'x' }, { ...host, referer })
  const refused = await stale(`http://localhost:8081${draft}?edit=waitMs`)
  t.equal(refused.statusCode, 400)
  t.match(refused.body, `href="${draft}?edit=waitMs"`)
  t.equal((await get(draft)).headers['referrer-policy'], 'same-origin', 'the browser says which page it was')
  const again = await stale(`http://localhost:8081${draft}/publish`)
  t.match(again.body, `href="${draft}/publish"`, 'from where it was refused before, which leads to the draft')
  for (const referer of ['http://elsewhere.example/x', 'no address']) {
    const { statusCode, body } = await stale(referer)
    t.equal(statusCode, 400)
    t.notMatch(body, /elsewhere|Back to the page/)
  }
})

t.test('a time of publication names its zone, and each further purpose has a name of its own', async t => {
  const draft = await begin('4951234570')
  t.match((await get(draft)).body, 'time zone UTC')
  for (const revision of ['1', '2', '3']) {
    const added = await post(`${draft}/purposes`, { revision, change: 'add' })
    t.equal(added.statusCode, 303)
  }
  const { body } = await get(draft)
  t.match(body, /“marketing”[\s\S]*“marketing-2”[\s\S]*“marketing-3”/)
  t.notMatch(body, 'A purpose stands twice')
})

t.test('a refused time of publication stands in its field, with why it was refused', async t => {
  const draft = await begin('4951234571')
  for (const [publishAt, why, language] of [
    ['2026-01-02T03:04', 'The time lies in the past', 'en'],
    ['2999-01-02T03:04', 'The time lies more than a year ahead', 'en'],
    ['tomorrow', 'The time is malformed', 'en'],
    ['2026-01-02T03:04', 'Назначенное время уже прошло', 'ru'],
  ] as const) {
    const fields = { revision: '1', publishAt }
    const refused = await post(`${draft}/schedule`, fields, { 'accept-language': language })
    t.equal(refused.statusCode, 422, publishAt)
    t.match(
      refused.body,
      new RegExp(
        `<details open><summary>[^<]*</summary><form[^>]*>.*?<input id="publish-at"[^>]*` +
          `aria-describedby="publish-at-wrong publish-at-hint"[^>]*value="${publishAt}"[^>]*/>` +
          `<p class="wrong" id="publish-at-wrong" role="alert">${why}`,
      ),
    )
  }
  t.notMatch((await get(draft)).body, '<details open')
})

t.test('a wrong value is shown as it was typed, and an empty one has a button with words', async t => {
  const draft = await begin('4951234569')
  await post(`${draft}/fields`, { revision: '1', field: 'waitMs', value: 'abc' })
  await post(`${draft}/fields`, { revision: '2', field: 'keys.yes', value: '' })
  const { body } = await get(`${draft}?edit=waitMs`)
  t.match(body, /id="value-waitMs"[^>]*>abc</)
  t.match(body, /<input id="edited"[^>]*value="abc"/)
  t.match(body, /id="value-keys.yes"[^>]*aria-label="Key for yes: –"[^>]*>–</)
  t.match(body, 'Must be a number.')
})

t.test(
  'a draft by voice says in both languages how it hears, and is published once nothing contradicts it',
  async t => {
    const draft = await begin('4951234570')
    let revision = 1
    const set = async (field: string, value: string) => {
      t.equal((await post(`${draft}/fields`, { revision: String(revision++), field, value })).statusCode, 303)
    }
    await set('mode', 'voice-or-key')
    const bare = (await get(draft)).body
    t.match(bare, /id="value-voice\.engine"[^>]*>…</)
    t.match(bare, 'Must name the engine that hears the answers, because the mode is voice-or-key.')
    await set('voice.engine', 'embedded')
    t.match((await get(draft)).body, /Must be true for the engine .{1,6}embedded/)
    await set('voice.experimental', 'true')
    await set('voice.threshold', '0,8')
    await set('voice.weak', 'key')
    const contradicted = (await get(draft)).body
    t.match(
      contradicted,
      /The prompt .{1,6}disclosure-key.{1,6} asks for a key, but this line takes spoken answers, too\. Choose another prompt/,
    )
    t.match(contradicted, /The prompt .{1,6}question.{1,6} does not ask for a spoken answer/)
    await set('disclosure', 'disclosure-voice')
    await set('purposes.0.prompts.question', 'question-voice')
    const { body } = await get(`${draft}?edit=voice.weak`)
    for (const [field, shown] of [
      ['engine', 'the built-in engine'],
      ['threshold', '0.8'],
      ['weak', 'the caller is asked for a key'],
      ['keyAfterYes', 'it counts'],
      ['experimental', 'may hear'],
    ])
      t.match(body, new RegExp(`id="value-voice\\.${field}"[^>]*>${shown}<`), String(field))
    t.match(body, /<option value="key" selected[^>]*>the caller is asked for a key</)
    const russian = await app.inject({ url: draft, headers: { ...administrator, 'accept-language': 'ru' } })
    t.match(russian.body, /Ответ распознаёт <a[^>]*id="value-voice\.engine"[^>]*>встроенный движок</)
    const published = await post(`${draft}/publish`, { revision: String(revision) })
    t.equal(published.statusCode, 303)
    const line = (await get('/lines/4951234570')).body
    t.match(line, 'asks for a spoken yes or no, or a key')
    t.match(line, 'the built-in engine')
  },
)

t.test('words for outsiders are chosen where outsiders are asked, and taken back', async t => {
  const draft = await begin('4951234590')
  let revision = 1
  const set = async (field: string, value: string) => {
    t.equal((await post(`${draft}/fields`, { revision: String(revision++), field, value })).statusCode, 303)
  }
  t.notMatch((await get(draft)).body, 'value-outsiderDisclosure', 'without a question nobody hears them')
  await set('onOutsider', 'ask')
  const field = 'outsiderDisclosure'
  const usual = (await get(`${draft}?edit=${field}`)).body
  t.match(usual, /id="value-outsiderDisclosure"[^>]*>the first prompt of the line</)
  t.match(usual, /<option value(?:="")? selected[^>]*>the first prompt of the line</)
  t.notMatch(usual, /<option value="question"/)
  await set(field, 'disclosure-joined')
  const { body } = await get(draft)
  t.match(body, /You have joined a conversation of .*id="value-outsiderDisclosure"[^>]*>disclosure-joined</)
  const russian = await app.inject({ url: draft, headers: { ...administrator, 'accept-language': 'ru' } })
  t.match(russian.body, 'Перед вопросом он слышит:')
  await set(field, 'question')
  t.match((await get(draft)).body, /The prompt .{1,6}question.{1,6} is no disclosure/)
  await set(field, '')
  t.match((await get(draft)).body, /id="value-outsiderDisclosure"[^>]*>the first prompt of the line</)
  t.equal((await post(`${draft}/publish`, { revision: String(revision) })).statusCode, 303)
})

t.test('what somebody else has overtaken stays in its field, with why, on the page as it is now', async t => {
  const draft = await begin('4951234580')
  await post(`${draft}/fields`, { revision: '1', field: 'retries', value: '2' })
  const field = { revision: '1', field: 'waitMs', value: '4,5' }
  for (const [language, told] of [
    ['en', /it is revision 2 now, not 1\..* What you typed is not saved: press Save/],
    ['ru', /теперь это редакция 2, а не 1\..* не сохранено/],
  ] as const) {
    const { statusCode, body } = await post(`${draft}/fields`, field, { 'accept-language': language })
    t.equal(statusCode, 409)
    t.match(body, /<input id="edited"[^>]*aria-invalid="true"[^>]*value="4,5"/)
    t.match(/<p class="wrong" id="edited-wrong"[^>]*>([^<]*)</.exec(body)?.[1], told)
    t.match(body, /id="value-retries"[^>]*>2 /, 'the rest shows what is now')
    t.equal(body.match(/<h1/g)?.length, 1)
    t.match(body, /name="revision" value="2"/, 'Save saves it now')
  }
  const part = await post(`${draft}/fields`, field, { 'hx-request': 'true' })
  t.match(part.body, /^<div id="editor"><div class="head">.*<h1>[^<]*<\/h1><p class="lead">Revision 2, draft/)

  await post(`${draft}/discard`, { revision: '2' })
  const ended = await post(`${draft}/fields`, field)
  t.match(ended, {
    statusCode: 409,
    body: /This draft is discarded\..*What you typed is not saved: <b>4,5<\/b>/,
  })
})

t.test('faults hide no other faults, each is listed once, and the page says what it lacks', async t => {
  const draft = await begin('4951234581')
  let revision = 1
  const set = async (field: string, value: string) => {
    const saved = await post(`${draft}/fields`, { revision: String(revision++), field, value })
    t.equal(saved.statusCode, 303)
  }
  await set('purposes.0.purpose', '')
  await set('keys.yes', '5')
  await set('keys.pause', '*9')
  const { body } = await get(draft)
  t.match(body, '4 faults to correct before you publish', 'no more and no less than is listed')
  t.equal(/<summary class="wrong">.*?<\/details>/s.exec(body)![0].match(/<li>/g)?.length, 4)
  t.match(body, /Purpose, in small letters<\/a>: Must be lower-case words/)
  t.match(body, /Keys<\/a>: Yes, no, withdraw and pause must differ/)
  t.match(
    body,
    /Key for yes<\/a>: The prompt .{1,6}disclosure-key.{1,6} says key 1 for yes, but this line takes 5\./,
  )
  t.match(body, /href="\/prompts\/disclosure-key\/en\?line=[0-9a-f-]{36}">Open the prompt disclosure-key</)
  t.match(body, 'Once the faults are corrected, you can try the line here again.')
  t.notMatch(body, /takes [\d.]+ s · for </)
  await set('purposes.0.purpose', 'service')
  await set('keys.yes', '1')
  await set('keys.pause', '*7')
  await set('mode', 'notice')
  const notice = (await get(draft)).body
  t.match(notice, '1 fault to correct before you publish')
  t.match(notice, 'asks for a key, but this line only gives notice. Choose another prompt')
})

t.test('a number that people do not write so is none, and one that is too large is told once', async t => {
  const draft = await begin('4951234582')
  let revision = 1
  for (const [value, told] of [
    ['0x10', 'Must be a number.'],
    ['1e3', 'Must be a number.'],
    ['99999999999999999999', 'Must be at most 3660.'],
  ]) {
    await post(`${draft}/fields`, {
      revision: String(revision++),
      field: 'purposes.0.retentionDays',
      value: value!,
    })
    const { body } = await get(draft)
    t.match(body, '1 fault to correct before you publish', value!)
    t.match(body, told!)
  }
})

t.test('a draft that changes nothing is not published, and its line says so plainly', async t => {
  const draft = await begin('4951234583')
  await post(`${draft}/publish`, { revision: '1' })
  const again = String((await post('/lines/4951234583/drafts', {})).headers.location)
  const page = (await get(again)).body
  t.match(page, '<p>no change yet</p>', 'nothing unfolds')
  t.notMatch(page, `${again}/publish`)
  for (const [step, fields] of [
    ['publish', {}],
    ['schedule', { publishAt: '2030-01-01T00:00' }],
    ['request-approval', {}],
  ] as const) {
    const refused = await post(`${again}/${step}`, { revision: '1', ...fields })
    t.equal(refused.statusCode, 422, step)
    t.match(
      refused.body,
      step === 'schedule' ? /changes nothing yet|a year ahead/ : /This draft changes nothing yet/,
    )
  }
  t.match((await post('/lines/4951234583/restore', { version: '1' })).body, /in force already/)
})

t.test('a text that turns the direction is refused in a line, and shown by its code elsewhere', async t => {
  const draft = await begin('4951234584')
  await post(`${draft}/fields`, { revision: '1', field: 'purposes.0.legalBasis', value: 'a\u202Eb' })
  const { body } = await get(draft)
  t.match(body, 'Must not hold characters that turn the direction of writing.')
  t.match(body, />a\[U\+202E\]b</)
})

t.test('a line that does not record looks like one that works', async t => {
  const draft = await begin('4951234585')
  await post(`${draft}/fields`, { revision: '1', field: 'mode', value: 'none' })
  await post(`${draft}/publish`, { revision: '2' })
  const { body } = await get('/lines/4951234585')
  t.match(body, 'continues in the dialplan at once')
  t.notMatch(body, /class="tag failed"|What each kind of caller gets/)
  t.match((await get('/lines')).body, /4951234585<\/b>.*?<td>–<\/td>/s)
})
