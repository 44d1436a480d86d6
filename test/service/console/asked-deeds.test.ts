// Real: the console's server without a socket, PostgreSQL with the console's role. Fake: none.
// A deed that ends something, or rolls back, is asked about first. The page has the question folded up, so that it needs no script.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { changeLines } from '../../../src/lines/change-lines.js'
import { beginDraft } from '../../../src/lines/drafts/edit-draft.js'
import { changeGroup } from '../../../src/lines/groups.js'
import { proposeGroup } from '../../../src/lines/propose-group.js'
import { readManifest, readMaster, shippedPromptFolder } from '../../../src/prompts/manifest.js'
import { endPrompt, insertPrompt, startPrompt } from '../../../src/prompts/stored-prompts.js'
import { person } from '../../support/data/actors.js'
import { testConsole } from '../../support/processes/console.js'

const { app, deps, people } = await testConsole(t)
const { headers } = await people('administrator')
const anna = person('anna')
const page = async (url: string, language: string) =>
  (await app.inject({ url, headers: { ...headers, 'accept-language': language } })).body

/** What a page asks before a deed: the words of the fold that has the form. Undefined: the form stands open, or there is none. */
function askedFor(body: string, action: string): string | undefined {
  const forms = body.split(`action="${action}"`).length - 1
  const folds = [...body.matchAll(/<details class="asked"><summary.*?<\/details>/gs)]
    .map(([fold]) => fold)
    .filter(fold => fold.includes(`action="${action}"`))
  if (forms === 0 || folds.length !== forms) return undefined
  return folds.map(fold => fold.replaceAll(/<[^>]+>/g, ' ')).join('\n')
}

const line = labLines[1]!
const { number: _, ...shared } = line
await changeGroup(deps, anna, { name: 'sales', input: shared })
await changeLines(deps, anna, { number: '700', group: 'sales' })
await changeLines(deps, anna, { number: '700', group: 'sales', waitMs: 3_500 })

t.test('discarding a draft says that it ends, and that this cannot be undone', async t => {
  const draft = async (number: string) => {
    const { id } = await beginDraft(deps, anna, { line: number, input: { ...line, number } })
    return `/drafts/${id}`
  }
  const [ofLine, ofNone] = [await draft('700'), await draft('701')]
  t.match(
    askedFor(await page(ofLine, 'en'), `${ofLine}/discard`),
    /Discard\s+Cancel\s+The draft can no longer be published.* The line stays as it is\. This cannot be undone\.\s+Discard the draft/,
  )
  t.match(askedFor(await page(ofNone, 'en'), `${ofNone}/discard`), 'The number does not become a line.')
  t.match(
    askedFor(await page(ofLine, 'ru'), `${ofLine}/discard`),
    /Линия останется как есть\. Отменить это нельзя\.\s+Выбросить черновик/,
  )
})

t.test('withdrawing a proposal says that it ends, and that this cannot be undone', async t => {
  await proposeGroup(deps, anna, { name: 'sales', input: { ...shared, waitMs: 4_000 } })
  const action = '/lines/groups/sales/withdraw'
  const of = async (language: string) => askedFor(await page('/lines/groups/sales', language), action)
  t.match(await of('en'), /its lines stay as they are\. This cannot be undone.*Withdraw it/s)
  t.match(await of('ru'), /Отменить это нельзя: понадобится новое предложение\.\s+Отозвать/)
})

t.test('restoring a version says what changes for callers, and how to undo it', async t => {
  const of = async (language: string) => askedFor(await page('/lines/700', language), '/lines/700/restore')
  const asked = await of('en')
  t.match(asked, 'Callers have 5 seconds to answer, before 3.5 seconds.')
  t.match(asked, 'no longer inherits from the group sales')
  t.match(asked, /To undo this, restore version 2\.\s+Restore version 1/)
  t.match(await of('ru'), /Время на ответ — 5 секунд.*Это можно отменить: так же вернуть версию 2\./s)
})

t.test('so does each deed that ends a version of a prompt, or rolls back to it', async t => {
  const folder = shippedPromptFolder()
  const entry = (await readManifest(folder)).find(one => one.name === 'refused' && one.language === 'en')!
  const key = { name: 'refused', language: 'en' as const }
  const { text, sha256, lengthMs } = entry
  for (const version of [1, 2, 3])
    await insertPrompt(deps.db, {
      ...{ ...key, version, template: text, variables: {}, text, says: entry.says ?? {}, sha256, lengthMs },
      ...{ lufs: -19, truePeak: -3, how: 'upload', engine: null, voice: null, madeBy: 'anna', changers: [] },
      ...{ madeAt: new Date(), wav: await readMaster(folder, entry) },
    })
  await startPrompt(deps.db, { ...key, version: 1 }, { by: 'anna', at: new Date() })
  await endPrompt(deps.db, { ...key, version: 1 }, { state: 'replaced', by: 'anna', at: new Date() })
  await startPrompt(deps.db, { ...key, version: 2 }, { by: 'anna', at: new Date() })
  const [en, ru] = [await page('/prompts/refused/en', 'en'), await page('/prompts/refused/en', 'ru')]
  for (const [deed, english, russian] of [
    ['3/discard', /still be published/, /её можно опубликовать/],
    ['2/withdraw', /callers hear the shipped prompt again.*publish the version again/, /вернуть версию/],
    ['1/publish', /This can be undone: publish version 2 again/, /так же вернуть версию 2/],
  ] as const) {
    const action = `/prompts/refused/en/versions/${deed}`
    t.match(askedFor(en, action), english, deed)
    t.match(askedFor(ru, action), russian, deed)
  }
})

t.test('resetting the access of a person says what goes, and that this cannot be undone', async t => {
  const { actor } = await people('auditor')
  const action = `/people/${actor.name}/reset`
  const [en, ru] = [await page('/people', 'en'), await page('/people', 'ru')]
  t.match(askedFor(en, action), new RegExp(`${actor.name} loses .*passkeys.*This cannot be undone`))
  t.match(askedFor(ru, action), /Отменить это нельзя/)
})

t.test('new recovery codes and rules that all must acknowledge are asked about', async t => {
  for (const [language, codes, rules] of [
    ['en', /current codes are void at once.*cannot be undone/s, /everybody has to acknowledge them again/],
    ['ru', /Прежние коды сразу перестанут действовать/, /принять их заново должны все/],
  ] as const) {
    t.match(askedFor(await page('/me', language), '/me/recovery-codes'), codes)
    const [fold] = /<details class="asked">.*?<\/details>/s.exec(await page('/people/rules', language)) ?? [
      '',
    ]
    t.match(fold, rules)
    t.match(fold, /<button class="button main" type="submit">/, 'it is at the end of the form')
  }
})
