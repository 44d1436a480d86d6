// Real: PostgreSQL with the console's role, the journal, the console's server, a voice, ffmpeg. Fake: none.
// Callers must not hear another company unnoticed.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { labLines } from '../../../../lab/lab-lines.js'
import { changeCompany } from '../../../../src/lines/prompts/company.js'
import { heardOldNames, namesToSpeak } from '../../../../src/lines/prompts/heard-names.js'
import { nameCompany, promptsWithOldName } from '../../../../src/lines/prompts/name-company.js'
import { saveLines } from '../../../../src/lines/save-lines.js'
import { person } from '../../../support/data/actors.js'
import { testConsole } from '../../../support/processes/console.js'
import { FORM } from '../../../support/processes/console-routes.js'
import { scratch, until } from '../../../support/processes/database.js'
import { useVoices } from '../../../support/processes/voices.js'

const voices = await useVoices()
const { app, deps, people } = await testConsole(t)
const { headers } = await people('administrator')
const anna = person('anna')
const line = labLines.find(one => one.language === 'en' && one.mode === 'key')!
const get = (url: string) => app.inject({ url, headers: { ...headers, 'accept-language': 'en' } })
const open = async (url: string) => (await get(url)).body
const press = () =>
  app.inject({ method: 'POST', url: '/setup/company/prompts', headers: { ...headers, ...FORM }, payload: '' })
/** Resolves with the page once nothing is being spoken any more. */
const spoken = async () => {
  let body = ''
  await until(async () => {
    body = await open('/setup/company')
    return !body.includes('being spoken and published now')
  })
  return body
}

t.test('the first page warns until callers of lines in force hear the company', async t => {
  t.strictSame(await heardOldNames(deps), [], 'without a name there is no old one')
  await changeCompany(deps, anna, { name: 'Acme', language: 'ru' })
  t.notMatch(await open('/now'), 'still hear another company', 'no line says it')
  await saveLines(deps, anna, [
    { ...line, number: '900' },
    { ...line, number: '901', company: 'Daisy', disclosure: 'disclosure-notice' },
  ])
  t.strictSame(await heardOldNames(deps), [{ name: 'disclosure-key', language: 'en', says: null }])
  t.match(await open('/now'), /still hear another company[\s\S]*href="\/setup\/company"/)
  const page = await open('/setup/company')
  t.match(page, 'disclosure-key/en', 'also in another language than that of most callers')
  t.match(page, 'This publishes them unheard')
  await nameCompany(deps, anna, 'en')
  t.strictSame(await heardOldNames(deps), [])
  t.notMatch(await open('/now'), 'still hear another company')
})

t.test('what the page lists is what one press publishes, each by its own voice', async t => {
  const path = process.env['PATH']!
  await changeCompany(deps, anna, { name: 'Borealis', language: 'ru' })
  const page = await open('/setup/company')
  t.match(page, /<h3>English<\/h3>[\s\S]*Spoken by the voice [a-z-]+\//)
  t.match(page, /<h3>Russian<\/h3>[\s\S]*Spoken by the voice [a-z-]+\//)
  const english = (await namesToSpeak(deps, 'ru')).find(({ language }) => language === 'en')!
  t.strictSame(
    english.old.map(({ name }) => name),
    ['disclosure-key'],
    'others are heard by nobody',
  )

  // Without espeak-ng there is no Russian voice.
  const { folder, go } = await onlyFlite(t)
  process.env['PATH'] = folder
  t.teardown(() => {
    process.env['PATH'] = path
  })
  t.match(
    await open('/setup/company'),
    'There is no voice of this language on this machine, so these are left out',
  )
  t.equal((await press()).statusCode, 303, 'the answer waits for no voice')
  const meanwhile = await get('/setup/company')
  t.match(meanwhile.body, 'being spoken and published now: 0 of 1 are done')
  t.match(meanwhile.headers, { refresh: /^\d+$/ }, 'the page is loaded again by itself')
  t.notMatch(meanwhile.body, 'Speak and publish at once')
  t.equal((await press()).statusCode, 303, 'pressed twice, it is done once')
  await writeFile(go, '')
  await spoken()
  t.equal((await get('/setup/company')).headers['refresh'], undefined)
  const left = await namesToSpeak(deps, 'ru')
  t.strictSame(
    left.map(({ language, voice }) => [language, voice]),
    [['ru', undefined]],
  )
  const saidByOthers = await promptsWithOldName(deps, 'en')
  t.ok(saidByOthers.length > 0, 'prompts that the page did not list stay as they were')

  await changeCompany(deps, anna, { name: 'Cirrus', language: 'ru' })
  await writeFile(join(folder.split(':')[0]!, 'flite'), ONLY_LISTS, { mode: 0o755 })
  await press()
  t.match(await spoken(), /role="alert"[\s\S]*could not all be spoken/, 'a voice that fails is said')
  t.notMatch(await open('/setup/company'), 'could not all be spoken', 'once')
})

/** A voice that can be chosen and does not speak. */
const ONLY_LISTS = `#!/bin/sh\n[ "$1" = -lv ] && exec ${join(voices, 'flite')} -lv\nexit 1\n`

/**
 * A PATH on which a voice of English alone is found: other engines are hidden by programs that know no voice. The voice speaks once the file
 * `go` exists.
 */
async function onlyFlite(t: Test): Promise<{ folder: string; go: string }> {
  const folder = await scratch(t)
  const program = (name: string, does: string) =>
    writeFile(join(folder, name), `#!/bin/sh\n${does}\n`, { mode: 0o755 })
  const go = join(folder, 'go')
  await program(
    'flite',
    `[ "$1" = -lv ] || until [ -e ${go} ]; do sleep 0.05; done\nexec ${join(voices, 'flite')} "$@"`,
  )
  for (const name of ['festival', 'espeak-ng', 'RHVoice-test']) await program(name, 'exit 1')
  return { folder: `${folder}:/usr/bin:/bin`, go }
}
