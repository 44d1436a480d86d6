// Real: the session of a tap, its recording and part, sealing and opening. Fake: the tap, the store, the key store, the journal, the clock.
import t from 'tap'
import { PartWriter } from '../../../src/audio/part-writer.js'
import { Recording } from '../../../src/audio/recording.js'
import type { Tap } from '../../../src/audio/tap/tap.js'
import { TapSession } from '../../../src/audio/tap-session.js'
import type { Leg } from '../../../src/core/audio.js'
import { AppError } from '../../../src/core/errors.js'
import type { CallEvent } from '../../../src/core/events.js'
import { DISK } from '../../../src/core/part-location.js'
import { decodeLegs } from '../../../src/recordings/open/open-recording.js'
import type { SealedChunk } from '../../../src/vault/crypto/types.js'
import { exactly } from '../../support/assertions/exactly.js'
import { FakeClock, runPendingWork } from '../../support/fakes/fake-clock.js'
import { silent } from '../../support/processes/database.js'
import { block, keyPair, partInfo, sourceOf } from '../vault/fixture.js'

/** A block of Asterisk, samples: 4.096 s. */
const BLOCK = 32_768

/** A tap with one recording, whose container is in memory. @param earlierSeconds length of the parts before this one */
async function startRecording(earlierSeconds = 0) {
  const clock = new FakeClock()
  const { recipients, identities } = keyPair()
  const events: CallEvent[] = []
  const stored: Buffer[] = []
  const disk = { full: false, ready: Promise.resolve() }
  let wrappedKey: Buffer = Buffer.alloc(0)
  const append = async (chunks: SealedChunk[]) => {
    const bytes = chunks.flatMap(({ pieces }) => pieces).map(piece => Buffer.from(piece))
    await disk.ready
    if (disk.full) throw new AppError('store.unwritable', 'the disk is full')
    stored.push(...bytes)
  }
  const note = async (made: CallEvent) => void events.push(made)
  const deps = {
    journal: { append: async () => {}, note: (made: CallEvent) => void note(made), noteDurably: note },
    keyStore: {
      async put(_: unknown, key: Buffer) {
        wrappedKey = key
      },
      destroy: async () => {},
    } as never,
    store: {
      location: DISK,
      create: async () => ({ append, close: () => disk.ready }),
      remove: async () => {},
    } as never,
    recipients,
    clock,
  }
  const info = partInfo(earlierSeconds > 0 ? { number: 2 } : {})
  const part = await PartWriter.prepare(info, '2030-01-01', deps)
  const earlier = earlierSeconds > 0 && {
    earlierKeys: [{ purpose: 'service', due: '2030-01-01', part: partInfo().part }],
    earlierSeconds,
  }
  const recording = new Recording({ part, ...earlier, deps, log: silent })
  const first = earlierSeconds * 8_000
  const from = { caller: first, agent: first }
  const session = new TapSession({
    ...{ call: info.call, recordings: [recording], clock, log: silent, pbx: undefined },
    ...(first > 0 && { from }),
  })
  session.useTap({ acknowledge() {}, end() {} } as unknown as Tap)
  session.handedOver(clock.now())
  const ends = { ...from }
  const say = async (leg: Leg) => {
    session.block(block(leg, ends[leg], Buffer.alloc(BLOCK, 1)))
    ends[leg] += BLOCK
    await runPendingWork()
  }
  const opened = () => decodeLegs([{ source: sourceOf(Buffer.concat(stored)), wrappedKey }], identities)
  const finished = () => events.filter(({ type }) => type === 'recording.finished').map(({ data }) => data)
  return { clock, disk, session, say, opened, finished, stored }
}

t.test('the journal says of a disk that fills in a call what is on it, and not what came', async t => {
  const { disk, say, opened, finished } = await startRecording()
  for (const leg of ['caller', 'agent', 'caller'] as const) await say(leg)
  disk.full = true
  await say('caller')
  t.match(finished(), exactly({ state: 'truncated', reason: 'store.unwritable', seconds: 8.192 }))
  t.equal((await opened()).seconds, 8.192)
})

t.test('and so of one that takes all but the end of the container', async t => {
  const { disk, session, say, opened, finished } = await startRecording()
  for (const leg of ['caller', 'agent'] as const) await say(leg)
  // The keeper lost what came then, so that the position goes beyond what is stored.
  session.gap('caller', BLOCK, 2 * BLOCK)
  disk.full = true
  const ending = session.channelGone()
  session.end('caller')
  session.end('agent')
  await ending
  t.match(finished(), exactly({ state: 'truncated', reason: 'store.unwritable', seconds: 4.096 }))
  t.equal((await opened()).seconds, 4.096)
})

t.test('a store that hangs for too long and then goes on has what it took late', async t => {
  const { clock, disk, say, opened, finished } = await startRecording()
  await say('caller')
  let goOn = () => {}
  disk.ready = new Promise<void>(resolve => {
    goOn = resolve
  })
  await say('caller')
  await clock.advanceAndWait(20_000)
  t.strictSame(finished(), [], 'it may still take the rest')
  goOn()
  await runPendingWork()
  t.match(finished(), exactly({ state: 'truncated', seconds: 8.192 }))
  t.equal((await opened()).seconds, 8.192)
})

t.test('a part that takes nothing leaves the length of those before it', async t => {
  const { disk, say, finished, stored } = await startRecording(8.192)
  disk.full = true
  await say('caller')
  t.match(finished(), exactly({ state: 'truncated', reason: 'store.unwritable', seconds: 8.192 }))
  t.strictSame(stored, [])
})
