// Real Asterisk, PostgreSQL, service and SIP callers, who send what nobody should trust; all of them call at once.
import { readdir } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { sql } from '../../src/db/database.js'
import { listFilesBelow, searchFiles } from '../support/assertions/search-files.js'
import { LONG_PROMPT, quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { type CallScenario, checkScenarios } from '../support/lab/call-scenarios.js'
import { yesInDisclosure } from '../support/lab/yes-in-disclosure.js'

/** Stands in everything that is sent, so that it is found wherever it comes out. */
const MARK = `owned${process.pid}`
/** What the PBX keeps of a number or a caller's number, characters. */
const LONGEST = 79

const contents: Record<string, string> = {
  'a command in parentheses': `$(touch ${MARK})`,
  'a command in backticks': `\`touch ${MARK}\``,
  'a dialplan function': `\${SHELL(touch ${MARK})}`,
  'a dialplan function that is closed early': `${MARK})}\${SHELL(touch ${MARK})}`,
  'a dialplan expression': `$[1 + 1]${MARK}`,
  quotes: `"'${MARK}'"`,
  'a new line': `${MARK}\nX-Evil: yes\r\n\r\n`,
  'a further command': `${MARK};rm -rf ${MARK}`,
  'a further argument': `${MARK},s,1`,
  'four kilobytes': `${MARK}${'x'.repeat(4_096)}`,
  'characters beyond the plane': `${MARK}📞\u202e`,
  'a path': `../../${MARK}`,
  'a percent sign and a null byte': `%s%n${MARK}\0`,
}

const unrecorded = {
  answers: {},
  decision: 'failed',
  events: ['call.started', 'call.unknown-line', 'call.decided failed', 'call.released continue'],
}
/** What a quoted name may hold only behind a backslash, or not at all. */
const quotable = (text: string) => text.replace(/["\\]/g, '\\$&').replace(/[\r\n\0]/g, ' ')

const scenes = Object.entries(contents).flatMap(([what, content], i): CallScenario[] => [
  { ...unrecorded, title: `${what} as the number`, dial: { number: encodeURIComponent(content) } },
  {
    ...yesInDisclosure,
    title: `${what} as the caller's number`,
    dial: { number: `4${i + 10}`, fromHeader: `<sip:${encodeURIComponent(content)}@OWN>` },
    by: { line: `4${i + 10}` },
  },
  {
    ...yesInDisclosure,
    title: `${what} as the caller's name and in other headers`,
    dial: {
      number: '400',
      from: `79980000${i + 10}`,
      fromHeader: `"${quotable(content)}" <sip:79980000${i + 10}@OWN>`,
      headers: ['subject', 'user-agent', 'x-consentry-call', 'organization'].map(name => [
        name,
        content.replace(/[\r\n\0]/g, ' '),
      ]),
    },
  },
])

const lab = await startCallLab(t, {
  env: { CONSENTRY_LOG_LEVEL: 'trace' },
  lines: ['400', ...Object.keys(contents).map((_, i) => `4${i + 10}`)].map(number =>
    quickLine(number, { disclosure: LONG_PROMPT }),
  ),
})
await checkScenarios(t, lab, scenes)

t.test('what was sent is a number in the database, as personal data, and nothing anywhere else', async t => {
  const { rows } = await sql<{ caller: string | null; dialled: string | null }>`
    select data ->> 'caller' as caller, data ->> 'dialled' as dialled from event_personal
    where data ? 'caller'`.execute(lab.db)
  const numbers = rows.flatMap(({ dialled }) => dialled ?? [])
  t.strictSame(
    numbers.sort(),
    Object.values(contents)
      .map(content => content.slice(0, LONGEST).replace(/[^0-9A-Za-z*#+]/g, ''))
      .sort(),
    'numbers without what means something to a dialplan',
  )
  t.equal(
    rows.filter(({ caller }) => caller?.includes(MARK)).length,
    Object.keys(contents).length,
    "every caller's number is kept",
  )
  const { rows: told } = await sql`select type from event where data::text like ${`%${MARK}%`}`.execute(
    lab.db,
  )
  t.strictSame(told, [], 'no event tells it')

  const { pbx, ready } = lab.lab
  const { data, tap } = ready
  const files = (await Promise.all([data, tap].map(listFilesBelow))).flat()
  t.ok(
    files.some(file => file.endsWith('service.log')),
    "the service's log is among them",
  )
  // Asterisk itself warns of a name that is too long, before any call of it is ours.
  const [pbxLog, database] = [join(pbx.dir, 'log', 'messages'), join(data, 'postgres', 'cluster')]
  const outside = files.filter(file => file !== pbxLog && !file.startsWith(database))
  t.strictSame(await searchFiles(outside, [{ name: MARK, bytes: Buffer.from(MARK) }]), [], 'no file holds it')
  const lines = (await pbx.log()).split('\n').filter(line => line.includes(MARK))
  t.strictSame(
    lines.filter(line => !line.includes("res_pjsip.c: CallerID Name '")),
    [],
    'nor does the PBX log it',
  )

  const around = await Promise.all([process.cwd(), homedir(), tmpdir(), '/'].map(folder => readdir(folder)))
  t.strictSame(
    [...files, ...around.flat()].filter(name => name.includes(MARK)),
    [],
    'no file is called by it',
  )
})
