// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// This is a short form of `npm run test:fault`: drawn faults during live calls. Then the test plants what the judge must find.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { encodeG711 } from '../../lab/audio/g711.js'
import { event } from '../../src/core/events.js'
import { newCallId, newEventId, newPartId, newRecordingId } from '../../src/core/ids.js'
import { connect } from '../../src/db/connection.js'
import { parseRecipients } from '../../src/vault/crypto/keygen.js'
import { createPartSealer } from '../../src/vault/crypto/part-sealer.js'
import { playBatch } from '../support/faults/batch.js'
import { numberedSpeech } from '../support/faults/callers/voice.js'
import { catalogue } from '../support/faults/catalogue/catalogue.js'
import { openFaultSite } from '../support/faults/fault-site.js'
import { judgeBatch, type Verdict } from '../support/faults/judge/judge.js'
import { Tally } from '../support/faults/report.js'
import { drawSchedule } from '../support/faults/schedule.js'

/** The seed is constant, so that a test that fails can be repeated. */
const SEED = 20_260_131
const FAULTS = 25

const ground = await openFaultSite()
t.teardown(() => ground.stop())
const [batch] = drawSchedule({
  seed: SEED,
  faults: FAULTS,
  callers: [
    { count: 6, come: [0, 1_000], lives: [25_000, 40_000] },
    { count: 4, come: [4_000, 18_000], lives: [12_000, 18_000] },
  ],
  perBatch: FAULTS,
  catalogue: catalogue.filter(({ endsCalls, lasts }) => !endsCalls && lasts[1] < 6_000),
})
const played = await playBatch(ground, batch!)
const database = await connect(ground.lab.database.adminUrl, 'test')
t.teardown(() => database.close())

/** Describes all violations except those in `since`. */
const describe = ({ cases, others }: Verdict, since: string[] = []): string[] =>
  [...cases.flatMap(({ violations }) => violations), ...others]
    .map(({ column, what }) => `${column}: ${what}`)
    .filter(one => !since.includes(one))

const first = await judgeBatch(ground, played)

t.test(`${FAULTS} faults under ${played.records.length} calls: no rule is violated`, async t => {
  t.equal(played.struck.length, FAULTS, 'every fault of the batch was struck')
  const told = new Tally(SEED).add(played, first).join('\n')
  t.strictSame(describe(first), [], { told })
  const read = first.cases.flatMap(({ judged }) =>
    judged.recordings.map(({ packets }) => packets?.caller.length ?? 0),
  )
  t.ok(
    read.some(packets => packets > 200),
    'some calls were recorded',
  )
})

const before = describe(first)
const recorded = first.cases.find(({ judged }) => judged.recordings.some(({ packets }) => packets))!.judged
const call = recorded.calls[0]!

/** Judges again after a violation was planted. */
const found = async () => describe(await judgeBatch(ground, played), before)

t.test('a deleted event and a doubled event are found', async t => {
  await database.query('alter table event disable trigger user')
  const columns = 'call_id, at, type, data'
  await database.query(
    `insert into event (uuid, ${columns}) select $2, ${columns} from event where call_id = $1 and type = 'consent.answered' limit 1`,
    [call.id, newEventId()],
  )
  await database.query(`delete from event where call_id = $1 and type = 'call.decided'`, [call.id])
  await database.query('alter table event enable trigger user')
  const words = await found()
  t.ok(words.includes('lost: call.decided'), 'the deleted event')
  t.ok(
    words.some(one => one.startsWith('doubled: consent.answered')),
    'the second answer',
  )
})

t.test('a container without consent and speech in clear are found', async t => {
  const [recipient] = parseRecipients(await readFile(ground.lab.ready.recipients, 'utf8'))
  const { purpose } = recipient!
  const [part, basis] = [newPartId(), event('call.answered', null, 0, { line: '100', policy: 1 }).id]
  const info = {
    recording: newRecordingId(),
    part,
    number: 1,
    call: newCallId(),
    line: '501',
    purpose,
    basis,
  }
  const sealer = createPartSealer({ ...info, codec: 'alaw' }, [recipient!])
  const writer = await ground.store.create(`${purpose}/2026/01/31/${part}.ctry`)
  await writer.append([sealer.begin(Date.now()), ...sealer.finish()])
  await writer.close()
  await mkdir(join(ground.lab.ready.data, 'planted'))
  const file = join(ground.lab.ready.data, 'planted', 'file')
  await writeFile(
    file,
    Buffer.concat([Buffer.alloc(7), encodeG711(numberedSpeech('caller', 9, 0, 1), 'alaw')]),
  )
  const words = await found()
  t.ok(
    words.some(one => one.startsWith('unconsented: a container') && one.includes(part)),
    'the container without consent',
  )
  t.ok(words.includes(`plaintext: alaw in ${file}`), 'the speech')
})

t.test('a container with a flipped bit is found', async t => {
  const path = call.recordings.find(({ files }) => files.length > 0)!.files[0]!
  const bytes = await readFile(path)
  bytes[bytes.length >> 1]! ^= 1
  await writeFile(path, bytes)
  const words = await found()
  t.ok(
    words.some(one => one.startsWith('lost: container-damaged')),
    'the damaged container',
  )
  t.ok(
    words.some(one => /^lost: recording .* cannot be opened/.test(one)),
    'the recording that cannot be opened',
  )
})
