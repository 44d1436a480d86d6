// Real: PostgreSQL, journal, transparency log, key store, disk store, sealed containers, the command. Fake: none.
import { execFileSync } from 'node:child_process'
import { readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { exactly, none } from '../../support/assertions/exactly.js'
import { unzip } from '../../support/assertions/unzip.js'
import { agreedOutsider, withdrew } from '../../support/data/outsider.js'
import { CALLED_AT, sealCall, startArchiveSetup } from '../../support/processes/archive-setup.js'
import { consentry, consentryInTurn } from '../../support/processes/command.js'
import { consentryTogether } from '../../support/processes/commands-together.js'
import { listFiles } from '../../support/processes/recorder-setup.js'
import { logSettingsIn, updateLog } from '../../support/processes/tlog.js'

const place = await startArchiveSetup(t)
const { logSetup, identity, keys, store } = place
const out = t.testdir({})
const environment = {
  DATABASE_URL: logSetup.url(),
  CONSENTRY_DATA: logSetup.dir,
  CONSENTRY_STORE: `file:${store}`,
  CONSENTRY_KEYSTORE: keys.map(path => `file:${path}`).join(','),
  CONSENTRY_IDENTITY: identity,
}

/** Runs a command with `--json`, checks its exit code, and returns what it prints. */
async function json(code: number, ...args: string[]) {
  const ended = await consentryTogether(environment, ...args, '--json')
  if (ended.code !== code) throw new Error(`${args.join(' ')}: ${ended.code}, ${ended.err}`)
  return ended.out === '' ? undefined : JSON.parse(ended.out)
}
const refused = (t: Test, code: number, words: RegExp, ...args: string[]) =>
  consentryTogether(environment, ...args).then(ended =>
    t.match(ended, { code, out: '', err: words }, args.join(' ')),
  )

const number = '+79161230001'
const talk = await sealCall(place, number, { answers: { service: 'granted', marketing: 'refused' } })
const recording = talk.recordings['service']!

t.test('holds are placed, listed, shown and released', async t => {
  const placed = await json(
    0,
    'hold',
    'add',
    recording,
    '--reason',
    'a claim',
    '--by',
    'anna',
    '--until',
    '2999-12-31',
  )
  t.match(placed, { kept: 1, gone: 0 })
  t.match(
    await json(0, 'hold', 'list'),
    exactly({
      id: placed.hold,
      on: { recording },
      reason: 'a claim',
      by: 'anna',
      keeps: 1,
      expiresAt: '3000-01-01T00:00:00.000Z',
    }),
  )
  t.match(await json(0, 'calls'), exactly({ id: talk.call, recordings: exactly({ state: 'held' }) }))
  t.match(await consentryTogether(environment, 'hold', 'list'), { code: 0, out: /a claim/ })
  t.match(await json(0, 'hold', 'remove', placed.hold, '--reason', 'settled'), { released: true })
  t.match(await json(0, 'call', talk.call), { recordings: exactly({ state: 'finished' }) })
  t.match(
    await json(0, 'hold', 'add', '--from', '2026-10-05', '--to', '2026-10-05', '--reason', 'an audit'),
    { kept: 1 },
  )
  t.match(await consentryTogether(environment, 'hold', 'list'), { code: 0, out: /until released/ })
  const [period] = await json(0, 'hold', 'list')
  t.match(period.on, { from: '2026-10-05T00:00:00.000Z', to: '2026-10-06T00:00:00.000Z' })
  await json(0, 'hold', 'remove', period.id, '--reason', 'settled')
  t.equal((await json(0, 'hold', 'list', '--all')).length, 2)
})

t.test('listening is journalled, and a block forbids listening and copies', async t => {
  const wav = join(out, 'talk.wav')
  await refused(t, 1, /cannot be written: ENOENT/, 'open', recording, '-o', join(out, 'nowhere', 'talk.wav'))
  await refused(t, 1, /cannot be written: it is a folder/, 'open', recording, '-o', out)
  await refused(t, 1, /cannot be written: it is a folder/, 'rights', 'export', number, '-o', out)
  t.strictSame((await json(0, 'rights', 'find', number)).listens, [], 'nobody listened')
  await json(0, 'open', recording, '-o', wav, '--by', 'anna', '--reason', 'a complaint')
  t.equal((await readFile(wav)).length, 44 + 20_000 * 4)
  const [{ recordings }] = await json(0, 'calls')
  const [key] = (await listFiles(keys[0]!)).filter(path => path.includes(talk.part!))
  t.match(await json(0, 'open', recordings[0].files[0], '--key', key!, '-o', join(out, 'part.wav')), {
    part: 1,
    of: 1,
    recording,
    call: talk.call,
  })
  const found = await json(0, 'rights', 'find', number)
  t.match(found.listens, exactly({ recording, by: 'anna', reason: 'a complaint', how: 'open' }))
  await json(0, 'rights', 'block', number, '--reason', 'disputed')
  t.match(await json(0, 'call', talk.call), { recordings: exactly({ state: 'blocked' }) })
  await refused(t, 1, /blocked/, 'open', recording, '-o', join(out, 'no.wav'))
  await refused(t, 1, /blocked/, 'rights', 'export', number, '-o', join(out, 'no.zip'))
  await json(0, 'rights', 'unblock', number, '--reason', 'settled')
  t.equal((await json(0, 'rights', 'find', number)).listens.length, 1)
})

t.test('a person requests access, gets a copy, is corrected and is erased', async t => {
  await updateLog(logSetup.url(), logSettingsIn(logSetup.dir))
  const asked = await json(
    0,
    'rights',
    'request',
    number,
    '--kind',
    'access',
    '--law',
    '152-fz',
    '--received',
    '2026-06-01',
  )
  t.match(asked, { dueOn: '2026-06-15', receivedOn: '2026-06-01' })
  t.match(await consentryTogether(environment, 'rights', 'list'), { code: 0, out: /days late/ })
  const file = join(out, 'copy.zip')
  t.match(await json(0, 'rights', 'export', number, '-o', file), { calls: 1, recordings: 1, receipts: 1 })
  const names = [...(await unzip(await readFile(file))).keys()]
  t.ok(names.includes('summary.html'))
  const pipe = join(out, 'pipe')
  execFileSync('mkfifo', [pipe])
  const piped = readFile(pipe)
  await updateLog(logSetup.url(), logSettingsIn(logSetup.dir))
  t.match(await json(0, 'rights', 'export', number, '-o', pipe), { recordings: 1 })
  t.strictSame([...(await unzip(await piped)).keys()], names, 'into a pipe, the same')
  await updateLog(logSetup.url(), logSettingsIn(logSetup.dir))
  await symlink('behind.json', join(out, 'receipt'))
  await json(0, 'receipt', talk.call, '-o', join(out, 'receipt'))
  t.match(JSON.parse(await readFile(join(out, 'behind.json'), 'utf8')), { statement: { call: talk.call } })
  t.match(await consentry(environment, 'receipt', talk.call, '-o', '/dev/stdout'), {
    code: 0,
    out: await readFile(join(out, 'behind.json'), 'utf8'),
    err: /^\/dev\/stdout: call .* events with their proofs\n/,
  })
  t.match(
    await consentry({ ...environment, CONSENTRY_IDENTITY: '' }, 'rights', 'export', number, '-o', file),
    {
      code: 1,
      out: /no-identity/,
    },
  )
  await json(0, 'rights', 'request', 'close', asked.id, '--outcome', 'a copy was sent')
  t.strictSame(await json(0, 'rights', 'list'), { requests: [], withdrawn: [] })
  t.match(await json(0, 'rights', 'correct', number, '--to', '+79161230002', '--reason', 'it was misread'), {
    calls: 1,
  })
  t.strictSame((await json(0, 'rights', 'find', number)).calls, [])
  t.match(await consentryTogether(environment, 'rights', 'find', '+79161230002'), {
    code: 0,
    out: /a copy was sent/,
  })

  const held = await json(0, 'hold', 'add', talk.call, '--reason', 'a claim')
  t.match(await json(1, 'rights', 'erase', '+79161230002', '--reason', 'asked'), {
    recordings: 0,
    stays: exactly({ why: 'held' }),
  })
  await json(0, 'hold', 'remove', held.hold, '--reason', 'settled')
  t.match(await json(0, 'rights', 'erase', '+79161230002', '--reason', 'asked'), {
    calls: 1,
    recordings: 1,
    stays: none,
  })
  t.match(await consentryTogether(environment, 'rights', 'erase', '+79161230009', '--reason', 'asked'), {
    code: 0,
    out: /There are no calls of this number, so nothing was erased/,
  })
  t.match(await json(0, 'calls'), exactly({ caller: null, recordings: exactly({ state: 'destroyed' }) }))
  await updateLog(logSetup.url(), logSettingsIn(logSetup.dir))
  // The calls of this test are weeks old when they are journalled.
  const superuser = await logSetup.superuser()
  await superuser.query('update event set entered_at = at')
  await superuser.close()
  t.match(await json(0, 'verify'), { ok: true, faults: none })
})

t.test('a wrong command line exits 2 and says why', async t => {
  const cases: [words: RegExp, ...args: string[]][] = [
    [/say one of: add, remove, list/, 'hold'],
    [/--reason/, 'hold', 'add', '+7'],
    [/--from and --to/, 'hold', 'add', '--reason', 'x'],
    [/--from must be before/, 'hold', 'add', '--from', '2026-02-02', '--to', '2026-02-01', '--reason', 'x'],
    [/takes a day/, 'hold', 'add', '+7', '--reason', 'x', '--until', '2026-02-31'],
    [/say one of: find/, 'rights'],
    [/say one of: find/, 'rights', 'constructor', '+7'],
    [/say: find NUMBER/, 'rights', 'find'],
    [/"900" means nothing here/, 'rights', 'find', '+7', '900'],
    [/-o FILE/, 'rights', 'export', '+7'],
    [/--reason/, 'rights', 'erase', '+7'],
    [/--to NUMBER/, 'rights', 'correct', '+7', '--reason', 'x'],
    [/--kind is one of access/, 'rights', 'request', '+7', '--law', 'gdpr'],
    [/--law is one of 152-fz/, 'rights', 'request', '+7', '--kind', 'access', '--law', 'ccpa'],
    [/--outcome/, 'rights', 'request', 'close', 'x'],
  ]
  const lines = cases.map(([, ...args]) => args)
  const ended = await consentryInTurn(lines, { env: environment })
  t.equal(ended.length, cases.length)
  for (const [i, [words, ...args]] of cases.entries())
    t.match(ended[i], { code: 2, out: '', err: words }, args.join(' '))
  const past = ['hold', 'add', '+7', '--reason', 'x', '--until', '2026-01-31']
  await refused(t, 1, /lies in the past/, ...past)
})

t.test(
  'a withdrawal is shown, and with it the recordings of others in which the person is heard',
  async t => {
    const [mine, theirs] = ['+79161230003', '+79161230004']
    const { call, recordings } = await sealCall(place, theirs)
    const other = agreedOutsider(call, mine, CALLED_AT + 10_500)
    await place.deps.journal.append([...other.events, withdrew(other.call, CALLED_AT + 13_000)], 60_000)
    const withdrawn = /service: granted, withdrawn 2026-10-05T09:30:13\.000Z/
    for (const words of [['calls'], ['call', other.call], ['rights', 'find', mine]])
      t.match(await consentryTogether(environment, ...words), { code: 0, out: withdrawn }, words.join(' '))
    const purposes = exactly({ answer: 'granted', withdrawnAt: '2026-10-05T09:30:13.000Z' })
    t.match(await json(0, 'call', other.call), { purposes })

    const [heard] = Object.values(recordings)
    const advice = /consentry rights destroy RECORDING --reason TEXT/
    for (const words of [
      ['rights', 'find', mine],
      ['rights', 'list'],
    ]) {
      const { out } = await consentryTogether(environment, ...words)
      for (const part of [heard!, '2026-10-05T09:30:11.500Z to 2026-10-05T09:30:13.000Z'])
        t.ok(out.includes(part), words.join(' '))
      t.match(out, advice)
    }
    t.match(await json(0, 'rights', 'list'), {
      requests: none,
      withdrawn: exactly({ call: other.call, number: mine }),
    })
    const erase = ['rights', 'erase', mine, '--reason', 'asked']
    t.match(await consentry(environment, ...erase), { code: 1, out: advice })
    await refused(t, 2, /reason/, 'rights', 'destroy', heard!)
    const { hold } = await json(0, 'hold', 'add', heard!, '--reason', 'a claim')
    const destroy = ['rights', 'destroy', heard!, '--reason', 'asked']
    await refused(t, 1, /A hold or block keeps/, ...destroy)
    await json(0, 'hold', 'remove', hold, '--reason', 'settled')
    t.match(await consentry(environment, ...destroy), {
      code: 0,
      out: /^Destroyed: the recording .*, under act /,
    })
    t.match(await json(0, ...erase), { calls: 1, stays: none })
  },
)
