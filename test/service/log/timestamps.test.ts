// Real: PostgreSQL, transparency log, HTTP, a time-stamping authority of openssl. Fake: an authority that misbehaves.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { event } from '../../../src/core/events.js'
import { startJournal } from '../../../src/journal/journal.js'
import { checkpointOf } from '../../../src/log/notes/checkpoint.js'
import { parseNote, parseVerifier, verifies } from '../../../src/log/notes/note.js'
import { startLog } from '../../../src/log/start-log.js'
import { silent, until } from '../../support/processes/database.js'
import { type Manner, openssl, startTimestampAuthority } from '../../support/processes/timestamp-authority.js'
import {
  faultLines,
  journalAndLog,
  logSettingsIn,
  startLogSetup,
  verifyDatabase,
} from '../../support/processes/tlog.js'

const home = await startLogSetup(t)
const authority = await startTimestampAuthority(t, join(home.dir, 'authority'))
const timestamps = { url: authority.url, everyMs: 0, retryMs: 20 }
const settings = logSettingsIn(home.dir, { roundMs: 10, timestamps })
const folder = join(settings.dir, 'timestamps')
/** Verifies a stored answer by the root certificate, as docs/operate.md says. */
const verify = (content: string, answer: string) =>
  openssl(
    authority.dir,
    ...['ts', '-verify', '-data', join(folder, content), '-in', join(folder, answer), '-CAfile', 'root.pem'],
  )
/** An event that claims to be of another year. */
const claimed = () => event('service.stopped', null, Date.UTC(2020, 0, 31), { reason: 'SIGTERM' })

t.test('a checkpoint is time-stamped, and openssl verifies the stamp', async t => {
  const began = Date.now()
  await journalAndLog(home.url(), settings, [claimed(), claimed()])
  t.strictSame((await readdir(folder)).sort(), ['2', '2.tsr'])
  const note = await readFile(join(folder, '2'), 'utf8')
  const key = parseVerifier(await readFile(join(settings.dir, 'key.pub'), 'utf8'))!
  t.ok(verifies(parseNote(note)!, key) && checkpointOf(note)!.size === 2)
  t.match(await verify('2', '2.tsr'), { code: 0, out: /Verification: OK/ })
  const { out } = await openssl(authority.dir, 'ts', '-reply', '-in', join(folder, '2.tsr'), '-text')
  const stamped = Date.parse(/Time stamp: (.+)/.exec(out)![1]!)
  t.ok(Math.abs(stamped - began) < 600_000, 'it has the time of the authority, whatever the events say')
  // The documented copy for `--anchors`.
  const options = { checkpointFiles: [join(home.dir, 'anchors.txt')] }
  await writeFile(options.checkpointFiles[0]!, `${note}\n`)
  t.strictSame(faultLines(await verifyDatabase(home.url(), settings.dir, options)).filter(isNoDate), [])
})

/** These events say that they are of 2020, which `verify` reports elsewhere. */
const isNoDate = (fault: string) => !fault.startsWith('event-misdated')

t.test('a stamp is of one checkpoint, and of no other', async t => {
  await journalAndLog(home.url(), settings, [claimed()])
  t.match(await verify('3', '3.tsr'), { code: 0 })
  t.match(await verify('3', '2.tsr'), { code: 1, out: /FAILED/ })
  await writeFile(join(folder, '2'), (await readFile(join(folder, '2'), 'utf8')).replace('\n2\n', '\n3\n'))
  t.match(await verify('2', '2.tsr'), { code: 1, out: /FAILED/ })
})

t.test('a server that brings no stamp is reported, and the log does not wait for it', async t => {
  const journal = startJournal(home.url(), silent)
  t.teardown(() => journal.stop())
  const log = startLog(settings, home.url(), silent)
  t.teardown(() => log.stop())
  await until(() => log.state.size === 3)
  let size = 3
  const grow = async () => {
    await journal.append([claimed()], 60_000)
    size += 1
    await until(() => log.state.size === size)
  }
  const faults: [Manner, RegExp][] = [
    ['error', /status 503/],
    ['nonsense', /it is no answer of the Time-Stamp Protocol/],
    ['refusal', /the server refused with status 2/],
    ['endless', /the answer is too long/],
    ['old answer', /it is for something else/],
  ]
  for (const [manner, words] of faults) {
    authority.behave(manner)
    await grow()
    await until(() => words.test(log.state.timestamps ?? ''))
    t.equal(log.state.fault, undefined, `${manner}: the log goes on`)
  }
  t.notOk((await readdir(folder)).includes(`${size}.tsr`), 'no answer of these is kept')
  authority.behave('good')
  await until(() => log.state.timestamps === undefined)
  t.ok((await readdir(folder)).includes(`${size}.tsr`))
  authority.behave('silent')
  const asked = authority.requests()
  await grow()
  await until(() => authority.requests() > asked)
  await grow()
  t.equal(authority.requests(), asked + 1, 'one request at a time')
  authority.behave('good')
})
