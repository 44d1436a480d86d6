// Real Asterisk, PostgreSQL and SIP callers; the service is down.
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Caller } from '../../lab/caller.js'
import { sql } from '../../src/db/database.js'
import { waitUntilHeard } from '../support/assertions/heard-words.js'
import { listFilesBelow } from '../support/assertions/search-files.js'
import { startCallLab, storedFiles } from '../support/lab/call-lab.js'

const LIMIT = 60_000
const VARIABLES = ['CONSENTRY_CALL', 'CONSENTRY_DECISION', 'CONSENTRY_TAP', 'CONSENTRY_TARGET']

/** Tells what is on the channel when the Gosub has returned, then goes to the agent. */
const tell = (number: string) => `
 same => n,Gosub(consentry,s,1)
 same => n,Set(GLOBAL(LAB_TOLD_${number})=${VARIABLES.map(name => `<\${${name}}>`).join('')})
 same => n,Dial(\${LAB_AGENT},30)
`
/** 902: a PBX that had set all of it before. */
const extensions = `
exten => 901,1,NoOp()${tell('901')}
exten => 902,1,NoOp()
${VARIABLES.map(name => ` same => n,Set(${name}=left)`).join('\n')}${tell('902')}`

const lab = await startCallLab(t, { extensions, service: false })

/** Calls, hears the agent, hangs up. */
async function talk(number: string): Promise<boolean> {
  const caller = await Caller.call({ sip: lab.lab.pbx.sip, number })
  await caller.waitForAnswer(LIMIT)
  const reached = await waitUntilHeard(caller.heard, lab.sentence, LIMIT)
  await caller.hangup()
  return reached
}

/** Asserts that callers come through to the agent, and that nothing is set, kept or written anywhere. */
async function passesUnrecorded(t: Test) {
  for (const number of ['901', '902']) await lab.lab.pbx.setGlobal(`LAB_TOLD_${number}`, 'nothing yet')
  t.strictSame(await Promise.all(['101', '901', '902'].map(talk)), [true, true, true], 'all hear the agent')
  const globals = await lab.lab.pbx.cli('dialplan show globals')
  for (const number of ['901', '902']) t.match(globals, `LAB_TOLD_${number}=<><><><>\n`, 'nothing is set')
  const { rows } = await sql`select from call`.execute(lab.db)
  t.equal(rows.length, 0, 'nobody knows of a call')
  t.strictSame(await storedFiles(lab), { containers: [], keys: [] })
  const { tap } = lab.lab.ready
  const files = (await Promise.all([tap, join(lab.lab.pbx.dir, 'spool')].map(listFilesBelow))).flat()
  t.strictSame(files, [], 'there is no file in the tap folder and the spool of the PBX')
}

t.test('while it has never run', passesUnrecorded)

t.test('after it has ended', async t => {
  lab.lab.service.start()
  await lab.lab.service.waitUntilReady()
  await lab.lab.service.stop()
  await passesUnrecorded(t)
})
