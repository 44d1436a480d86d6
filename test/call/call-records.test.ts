// Real: Asterisk with its call records (CDR), event log (CEL) and queue log, SIP callers and phones, the service and its keeper, PostgreSQL.
// Fake: none.
// The same calls go to a queue through Consentry and through a menu of the dialplan. The PBX has to write the same of both.
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Caller } from '../../lab/caller.js'
import { AUDIBLE_DBFS } from '../../lab/media/received-audio.js'
import { pollUntil } from '../../lab/process/start-process.js'
import { LONG_PROMPT, quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { openPhones } from '../support/lab/open-phones.js'
import { LIMIT } from '../support/situations/company.js'

const phones = await openPhones(t, 'asked', 'plain')
type Track = keyof typeof phones
/** The number that callers dial, by who asks: Consentry, or the menu. The queue has the same name. */
const NUMBERS: Record<Track, string> = { asked: '501', plain: '502' }
/** How a call ends. */
const ENDS = ['caller', 'agent', 'in the queue', 'in the menu'] as const

const { lab } = await startCallLab(t, {
  extensions: `
exten => 501,1,Gosub(consentry,s,1)
 same =>     n,Queue(501,,,,60)
 same =>     n,Hangup()
exten => 5011,1,Dial(${phones.asked.agentEndpoint},30)
exten => 5021,1,Dial(${phones.plain.agentEndpoint},30)
exten => 502,1,Answer()
 same =>     n,Read(answer,demo-congrats,1)
 same =>     n,Queue(502,,,,60)
 same =>     n,Hangup()
`,
  lines: [quickLine('501', { disclosure: LONG_PROMPT })],
})
const { pbx } = lab
const file = (...path: string[]) => join(pbx.dir, ...path)
const read = (...path: string[]) => readFile(file(...path), 'utf8').catch(() => '')

/** The fields of an event of the CEL. */
const CEL = ['eventtype', 'CALLERID(num)', 'CHANNEL(channame)', 'CHANNEL(appname)', 'CHANNEL(linkedid)']
await mkdir(file('log', 'cdr-csv'), { recursive: true })
await mkdir(file('log', 'cel-custom'), { recursive: true })
await writeFile(
  file('etc', 'cdr.conf'),
  '[general]\nenable = yes\nunanswered = yes\n[csv]\nloguniqueid = yes\n',
)
await writeFile(file('etc', 'cel.conf'), '[general]\nenable = yes\napps = queue\nevents = ALL\n')
await writeFile(
  file('etc', 'cel_custom.conf'),
  `[mappings]\nMaster.csv => ${CEL.map(name => `\${CSV_QUOTE(\${${name}})}`).join(',')}\n`,
)
for (const track of ['asked', 'plain'] as const)
  await appendFile(
    file('etc', 'queues.conf'),
    // A phone that has not registered counts as away, and a queue does not ring it. What is behind a `Local` channel counts as free.
    `\n[${NUMBERS[track]}]\ntimeout = 30\nmember => Local/${NUMBERS[track]}1@from-lab/n\n`,
  )
for (const order of ['module reload cdr', 'module reload cel', 'queue reload all']) await pbx.cli(order)
for (const name of ['cdr_csv', 'cel_custom']) await pbx.cli(`module load ${name}.so`)

const from = (track: Track, turn: number) => `7990${NUMBERS[track]}${turn}`

/** One call to its end. */
async function play(track: Track, turn: number): Promise<void> {
  const end = ENDS[turn]
  const phone = phones[track]
  const caller = await Caller.call({ sip: pbx.sip, number: NUMBERS[track], from: from(track, turn) })
  await caller.waitForAnswer(LIMIT)
  await caller.heard.waitForAudio(LIMIT, AUDIBLE_DBFS, caller.answeredAt)
  if (end === 'in the menu') return caller.hangup()
  await caller.press('1')
  const ringing = await phone.waitForRing(LIMIT)
  if (end === 'in the queue') return caller.hangup()
  const agent = await phone.answer(ringing)
  await sleep(1_000)
  await (end === 'agent' ? agent : caller).hangup()
  await Promise.all([caller.waitForEnd(LIMIT), agent.waitForEnd(LIMIT)])
}

const playAll = async (track: Track) => {
  for (const turn of ENDS.keys()) await play(track, turn)
}
await Promise.all([playAll('asked'), playAll('plain')])
const rest = async () => /^0 active channels/m.test(await pbx.cli('core show channels count'))
await pollUntil(rest, LIMIT)

/** The fields of each line of a file of comma-separated values. No value has a quotation mark in it. */
const fieldsOf = (csv: string): string[][] =>
  csv
    .trim()
    .split('\n')
    .map(line => [...line.matchAll(/(?:^|,)("[^"]*"|[^,]*)/g)].map(([, field]) => field!.replaceAll('"', '')))

/** What differs between any two calls, or between the tracks, is taken out. */
const alike = (text: string): string =>
  text
    .replace(/-[0-9a-f]{8}\b/g, '')
    .replace(/:\d+\b/g, '')
    .replace(/\b50[12](1?)\b/g, 'queue$1')
    .replace(/\b(Stasis consentry,queue|Read answer,demo-congrats,1)/, 'menu')

t.test('each call has the same records (CDR)', async t => {
  const all = fieldsOf(await read('log', 'cdr-csv', 'Master.csv'))
  const of = (track: Track, turn: number) =>
    all
      .filter(([, src]) => src === from(track, turn))
      .map(([, , dst, context, , channel, to, app, data, , , , , , disposition]) =>
        alike([dst, context, channel, to, app, data, disposition].join(' ')),
      )
      // Those of one call end at the same time, and are written in either order.
      .sort()
  for (const [turn, end] of ENDS.entries()) t.strictSame(of('asked', turn), of('plain', turn), end)
  const known = ENDS.flatMap((_, turn) => [from('asked', turn), from('plain', turn)])
  const others = all.filter(
    ([, src, , context]) => !known.includes(src!) && !context!.startsWith('consentry'),
  )
  t.strictSame(others, [], 'besides them only channels of Consentry, such as probes, have one')
})

t.test('each call has the same events (CEL)', async t => {
  const all = fieldsOf(await read('log', 'cel-custom', 'Master.csv'))
  const of = (track: Track, turn: number) => {
    const linked = all.find(([, num]) => num === from(track, turn))?.at(-1)
    return all
      .filter(fields => fields.at(-1) === linked)
      .map(([event, , channel, app]) => {
        // Channels of one call end at the same time. The last one, whichever it is, ends the call.
        if (event === 'LINKEDID_END') return event
        return alike([event, channel, event!.startsWith('APP_') ? app : ''].join(' '))
      })
      .sort()
  }
  for (const [turn, end] of ENDS.entries()) t.strictSame(of('asked', turn), of('plain', turn), end)
})

t.test('each call has the same lines in the log of its queue', async t => {
  const all = (await read('log', 'queue_log')).split('\n').map(line => line.split('|'))
  const of = (track: Track) =>
    all
      .filter(([, , queue]) => queue === NUMBERS[track])
      .map(([, , , agent, event]) => `${alike(agent ?? '')} ${event}`)
  t.strictSame(of('asked'), of('plain'))
  const wanted = ['ENTERQUEUE', 'CONNECT', 'COMPLETECALLER', 'COMPLETEAGENT', 'ABANDON']
  for (const event of wanted)
    t.ok(
      of('asked').some(line => line.endsWith(event)),
      event,
    )
})
