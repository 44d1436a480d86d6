// Real: PostgreSQL with the console's role, the journal, the console's server, a voice, ffmpeg. Fake: none.
// Callers must not hear another company unnoticed.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { saveLines } from '../../../src/operations/lines/save-lines.js'
import { changeCompany } from '../../../src/operations/setup/company.js'
import { heardOldNames } from '../../../src/operations/setup/heard-names.js'
import { nameCompany } from '../../../src/operations/setup/name-company.js'
import { person } from '../../support/data/actors.js'
import { testConsole } from '../../support/processes/console.js'
import { useVoices } from '../../support/processes/voices.js'

await useVoices()
const { app, deps, people } = await testConsole(t)
const { headers } = await people('administrator')
const anna = person('anna')
const line = labLines.find(one => one.language === 'en' && one.mode === 'key')!
const open = async (url: string) =>
  (await app.inject({ url, headers: { ...headers, 'accept-language': 'en' } })).body

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
