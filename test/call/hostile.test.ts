// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// All callers call at the same time. Their numbers, names and headers contain what an attacker would send.
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

/** Part of every hostile text, so that the test finds the text wherever it appears. */
const MARK = `owned${process.pid}`
/** Longest number that the PBX keeps, characters. */
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
/** Escapes or replaces characters that a quoted name may not contain. */
const quotable = (text: string) => text.replace(/["\\]/g, '\\$&').replace(/[\r\n\0]/g, ' ')

const scenes = Object.entries(contents).flatMap(([what, content], i): CallScenario[] => [
  {
    ...unrecorded,
    title: `${what} as the dialled number is an unknown line`,
    dial: { number: encodeURIComponent(content) },
  },
  {
    ...yesInDisclosure,
    title: `${what} as the caller's number does not disturb the call`,
    dial: { number: `4${i + 10}`, fromHeader: `<sip:${encodeURIComponent(content)}@OWN>` },
    by: { line: `4${i + 10}` },
  },
  {
    ...yesInDisclosure,
    title: `${what} as the caller's name and in other headers does not disturb the call`,
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

t.test('hostile texts are only in the personal data of the database', async t => {
  const { rows } = await sql<{ caller: string | null; dialled: string | null }>`
    select data ->> 'caller' as caller, data ->> 'dialled' as dialled from event_personal
    where data ? 'caller'`.execute(lab.db)
  const numbers = rows.flatMap(({ dialled }) => dialled ?? [])
  t.strictSame(
    numbers.sort(),
    Object.values(contents)
      .map(content => content.slice(0, LONGEST).replace(/[^0-9A-Za-z*#+]/g, ''))
      .sort(),
    'dialled numbers have no character that a dialplan interprets',
  )
  t.equal(
    rows.filter(({ caller }) => caller?.includes(MARK)).length,
    Object.keys(contents).length,
    "every caller's number is kept",
  )
  const { rows: events } = await sql`select type from event where data::text like ${`%${MARK}%`}`.execute(
    lab.db,
  )
  t.strictSame(events, [], 'no event contains it')

  const { pbx, ready } = lab.lab
  const { data, tap } = ready
  const files = (await Promise.all([data, tap].map(listFilesBelow))).flat()
  t.ok(
    files.some(file => file.endsWith('service.log')),
    "the service's log is searched",
  )
  // Asterisk itself warns of a name that is too long, before the service has the call.
  const [pbxLog, database] = [join(pbx.dir, 'log', 'messages'), join(data, 'postgres', 'cluster')]
  const outside = files.filter(file => file !== pbxLog && !file.startsWith(database))
  t.strictSame(
    await searchFiles(outside, [{ name: MARK, bytes: Buffer.from(MARK) }]),
    [],
    'no file contains it',
  )
  const lines = (await pbx.log()).split('\n').filter(line => line.includes(MARK))
  t.strictSame(
    lines.filter(line => !line.includes("res_pjsip.c: CallerID Name '")),
    [],
    'the PBX does not log it',
  )

  const around = await Promise.all([process.cwd(), homedir(), tmpdir(), '/'].map(folder => readdir(folder)))
  t.strictSame(
    [...files, ...around.flat()].filter(name => name.includes(MARK)),
    [],
    'no file name contains it',
  )
})
