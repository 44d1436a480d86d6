// Real: the console, PostgreSQL, Chromium. Fake: none.
// Every page in both languages, both themes, on a wide and on a narrow screen. The pictures are left in dist/screens.
import t from 'tap'
import { beginDraft } from '../../src/operations/drafts/edit-draft.js'
import { acknowledgeRules, publishRules } from '../../src/operations/people/rules.js'
import { recordTraining } from '../../src/operations/people/training.js'
import { openPage, startBrowser } from '../support/browser/browser.js'
import { lookInAllForms } from '../support/browser/look-in-all-forms.js'
import { seed } from '../support/browser/seed.js'
import { seedWaiting } from '../support/browser/seed-waiting.js'
import { person } from '../support/data/actors.js'
import { testConsole } from '../support/processes/console.js'

const RULES = 'Hear a recording only for a reason that you can name.\nTell nobody what you have heard.'

const console = await testConsole(t)
const { app, deps, tokens } = console
const { headers: signedIn, actor } = await console.people('administrator')
const stranger = {}
const { headers: newcomer } = await console.people('supervisor')
await seed(t, console)
await seedWaiting(console)
await publishRules(deps, person('anna'), RULES)
const version = await publishRules(deps, person('anna'), `${RULES}\nDo not write down what you hear.`)
await acknowledgeRules(deps, actor, version)
await recordTraining(deps, person('anna'), actor.name, { what: 'How to treat recordings', on: '2026-01-31' })
const { id: draft } = await beginDraft(deps, person('anna'), { line: '709' })
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t)

const PAGES = {
  'setup-company': '/setup/company',
  'setup-key': '/setup/key',
  'setup-pbx-away': '/setup/pbx',
  'setup-line': '/setup/line',
  'setup-phone': '/setup/phone',
  'setup-first': '/setup',
  now: '/now',
  lines: '/lines',
  line: '/lines/700',
  'line-notice': '/lines/704',
  'line-of-group': '/lines/709',
  'line-vague': '/lines/707',
  'line-untrue': '/lines/708',
  'draft-of-group': `/drafts/${draft}?edit=purposes.0.retentionDays`,
  groups: '/lines/groups',
  group: '/lines/groups/sales',
  'group-proposed': '/lines/groups/branch-offices',
  'prompts-and-new': '/prompts',
  'prompt-begun': '/prompts/refused-own/en?like=refused',
  system: '/system',
  api: '/system/api',
  people: '/people',
  'people-rules': '/people/rules',
  rules: '/rules',
  'rules-notice': '/me?rules=new',
  'rules-accepted': '/rules?accepted=yes',
  me: '/me',
  'sign-in': '/sign-in',
  invitation: '/invitation',
  nowhere: '/nowhere',
  forbidden: '/lines?role=operator',
}

/** What a request for a page is sent with: mostly a session. */
function headersFor(name: string): Record<string, string> {
  if (name === 'forbidden') return { authorization: tokens.operator }
  if (name === 'rules' || name === 'rules-notice') return { cookie: newcomer.cookie }
  return ['sign-in', 'invitation', 'setup-first'].includes(name) ? stranger : { cookie: signedIn.cookie }
}

for (const [name, address] of Object.entries(PAGES))
  t.test(`${name}: nothing overflows, is cut or cannot be read, in eight forms`, t =>
    lookInAllForms(t, {
      name,
      open: form => openPage(browser, form, headersFor(name)),
      show: page => page.goto(url + address),
      expected: /status of 40[34]/,
    }),
  )
