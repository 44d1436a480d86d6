// Real: PostgreSQL, journal, key store, disk store, sealing, the keeper, pipes. Fake: Asterisk.
// The test writes a-law into the pipes itself.
import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { SAMPLE_RATE } from '../../../src/core/audio.js'
import type { EventData } from '../../../src/core/events.js'
import { openPart } from '../../../src/vault/crypto/part-opener.js'
import { testDatabase, until } from '../../support/processes/database.js'
import { BLOCK_BYTES, openPipes } from '../../support/processes/keeper.js'
import {
  journalGrantedCall,
  listFiles,
  makeRecorderParts,
  readPartRows,
  readRecordingEvents,
  startFirstRecorder,
  startTestRecorder,
} from '../../support/processes/recorder-setup.js'
import { sourceOf } from '../../unit/vault/fixture.js'

type Started = EventData['recording.part-started']
type Ended = EventData['recording.part-ended']

const database = await testDatabase(t)

t.test(
  'the journal has beginning, end and SHA-512 of the audio in each container, also of a second part',
  async t => {
    const parts = await makeRecorderParts(t, database)
    const first = await startFirstRecorder(t, parts.deps)
    const { call, grants } = await journalGrantedCall(parts.journal)
    const pipes = await openPipes(t, await first.prepare(call, '100', grants))
    const say = async () => {
      for (const pipe of pipes) await pipe.writeFile(randomBytes(BLOCK_BYTES))
    }
    await say()
    await until(async () => (await readPartRows(parts, call)).length === 1)
    await first.stop()
    await say()
    const second = await startTestRecorder(t, parts.deps)
    second.pbxBack()
    await until(async () => (await readPartRows(parts, call)).length === 2)
    for (const pipe of pipes) await pipe.close()
    await second.channelGone(call)

    const events = await readRecordingEvents(parts, call)
    const of = <T>(type: string) => events.filter(one => one.type === type).map(one => one.data as T)
    const started = of<Started>('recording.part-started')
    const ended = of<Ended>('recording.part-ended')
    t.strictSame([started.length, ended.length], [2, 2])
    const files = await listFiles(parts.dir)
    for (const [i, { part, beganAt, firstSample }] of started.entries()) {
      const bytes = await readFile(files.find(path => path.endsWith(`${part}.ctry`))!)
      const key = await readFile(files.find(path => path.endsWith(`/${part}`))!)
      const opened = await openPart(sourceOf(bytes), key, parts.identities)
      const blocks = []
      for await (const block of opened.blocks()) blocks.push(block)
      const begins = Math.min(...blocks.map(({ sample }) => sample))
      const ends = Math.max(...blocks.map(block => block.sample + block.bytes.length))
      t.equal(Date.parse(beganAt!), opened.info.startedAt)
      t.equal(firstSample, blocks[0]!.sample)
      const fromArrival = blocks[0]!.arrivedAt - (1_000 * blocks[0]!.bytes.length) / SAMPLE_RATE
      t.ok(
        Math.abs(Date.parse(beganAt!) - fromArrival) <= 1,
        'the block began its own length before it arrived',
      )
      t.match(ended[i], {
        part,
        firstSample: begins,
        samples: ends,
        hash512: createHash('sha512').update(bytes).digest('hex'),
      })
      t.equal(begins, i * BLOCK_BYTES)
    }
  },
)
