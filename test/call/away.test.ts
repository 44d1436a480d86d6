// Real: Asterisk, SIP callers and phones. Fake: none.
// The program is removed, and the dialplan still names it: calls pass, also after a start of Asterisk.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { startPbx } from '../../lab/pbx.js'
import { Phone } from '../../lab/phone.js'
import { entryText } from '../../src/asterisk/dialplan-version.js'
import { until } from '../support/processes/database.js'

const customer = await Phone.open()
t.teardown(() => customer.close())
const dir = t.testdir({})
const pbx = await startPbx({
  dir,
  extensions: `
exten => 801,1,Gosub(consentry,s,1)
 same =>   n,Set(GLOBAL(PASSED)=yes)
 same =>   n,Wait(60)
exten => 802,1,Dial(${customer.endpoint},30,G(consentry-outbound^sales_79990000000^1))
 same =>   n,Hangup()
exten => 803,1,Gosub(consentry-outbound,s,1(sales,79990000000))
 same =>   n,Set(GLOBAL(DIALLED)=yes)
 same =>   n,Wait(60)
`,
})
t.teardown(() => pbx.stop())

const dial = (number: string) => pbx.cli(`channel originate Local/${number}@from-lab application Wait 60`)
const globals = () => pbx.cli('dialplan show globals')

t.test('without the program, Asterisk starts with its dialplan, and no call is lost at a Gosub', async t => {
  const entry = join(dir, 'etc', 'consentry-extensions.conf')
  await writeFile(entry, entryText('/nowhere/consentry/asterisk/consentry.conf'))
  pbx.kill('SIGTERM')
  await pbx.restart()
  t.notMatch(await pbx.log(), /listed as a #include but/)
  t.notMatch(await pbx.cli('dialplan show consentry-decided'), /_\[a-z\]/, 'the program is away')

  await dial('801')
  await until(async () => /PASSED=yes/.test(await globals()))
  await dial('803')
  await until(async () => /DIALLED=yes/.test(await globals()))
  t.match(await pbx.cli('core show channels concise'), /!801!3!\w+!Wait!/, 'the caller goes on')
})

t.test('an agent and the customer whom the agent calls talk', async t => {
  await dial('802')
  const talk = await customer.answer(await customer.waitForRing())
  await until(async () => / 2 +basic /.test(await pbx.cli('bridge show all')))
  t.match(await pbx.cli('core show channels concise'), /!consentry-outbound!sales_79990000000!\d+!Up!Bridge!/)
  await talk.hangup()
})

t.test('with the program back, a reload brings its dialplan, and nothing is defined twice', async t => {
  await writeFile(join(dir, 'etc', 'consentry-extensions.conf'), entryText())
  const before = (await pbx.log()).length
  await pbx.cli('dialplan reload')
  await until(async () => /Stasis/.test(await pbx.cli('dialplan show s@consentry')))
  t.notMatch((await pbx.log()).slice(before), /already in use/)
})
