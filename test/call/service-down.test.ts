// Real: Asterisk, SIP callers, PostgreSQL, the service, which is down. Fake: none.
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Caller } from '../../lab/caller.js'
import { sql } from '../../src/db/database.js'
import { waitUntilHeard } from '../support/assertions/heard-words.js'
import { listFilesBelow } from '../support/assertions/search-files.js'
import { startCallLab, storedFiles } from '../support/lab/call-lab.js'
import { until } from '../support/processes/database.js'

const LIMIT = 60_000
const VARIABLES = ['CONSENTRY_CALL', 'CONSENTRY_DECISION', 'CONSENTRY_TAP', 'CONSENTRY_TARGET']

/** Writes the channel's variables into a global one after the Gosub, then dials the agent. */
const noteVariables = (number: string) => `
 same => n,Gosub(consentry,s,1)
 same => n,Set(GLOBAL(LAB_TOLD_${number})=${VARIABLES.map(name => `<\${${name}}>`).join('')})
 same => n,Dial(\${LAB_AGENT},30)
`
/** On 902 the PBX has set the variables before the Gosub. */
const extensions = `
exten => 901,1,NoOp()${noteVariables('901')}
exten => 902,1,NoOp()
${VARIABLES.map(name => ` same => n,Set(${name}=left)`).join('\n')}${noteVariables('902')}`

const lab = await startCallLab(t, { extensions, service: false })

/** Places a call and hangs up. @returns whether the caller heard the agent */
async function talk(number: string): Promise<boolean> {
  const caller = await Caller.call({ sip: lab.lab.pbx.sip, number })
  await caller.waitForAnswer(LIMIT)
  const reached = await waitUntilHeard(caller.heard, lab.sentence, LIMIT)
  await caller.hangup()
  return reached
}

/** Asserts that callers reach the agent, and that no variable is set and no file is written. */
/** @param journalled how many calls the database has */
async function passesUnrecorded(t: Test, journalled: number) {
  for (const number of ['901', '902']) await lab.lab.pbx.setGlobal(`LAB_TOLD_${number}`, 'nothing yet')
  t.strictSame(
    await Promise.all(['101', '901', '902'].map(talk)),
    [true, true, true],
    'every caller hears the agent',
  )
  const globals = await lab.lab.pbx.cli('dialplan show globals')
  for (const number of ['901', '902']) t.match(globals, `LAB_TOLD_${number}=<><><><>\n`, 'no variable is set')
  const { rows } = await sql`select from call`.execute(lab.db)
  t.equal(rows.length, journalled, 'the database has no further call')
  t.strictSame(await storedFiles(lab), { containers: [], keys: [] })
  const { tap } = lab.lab.ready
  const files = (await Promise.all([tap, join(lab.lab.pbx.dir, 'spool')].map(listFilesBelow))).flat()
  t.strictSame(files, [], 'tap folder and spool of the PBX are empty')
}

t.test('calls reach the agent unrecorded before the service has ever run', t => passesUnrecorded(t, 0))

t.test(
  'once the service runs, it journals the calls that came before, and those after its end pass too',
  async t => {
    lab.lab.service.start()
    await lab.lab.service.waitUntilReady()
    const passed = lab.db.selectFrom('call').select(['line', 'decision']).where('ended_at', 'is not', null)
    await until(async () => (await passed.execute()).length === 3)
    t.strictSame(await passed.orderBy('line').execute(), [
      { line: '101', decision: 'failed' },
      { line: null, decision: 'failed' },
      { line: null, decision: 'failed' },
    ])
    await lab.lab.service.stop()
    await passesUnrecorded(t, 3)
  },
)
