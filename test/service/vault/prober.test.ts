// Real: folders, the prober, pipes in place of marks, strace. Fake: none.
// Whoever reads such a mark hangs. strace delays operations on prompts.
import { execFileSync } from 'node:child_process'
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openKeyStore } from '../../../src/vault/keys/key-store.js'
import { Prober } from '../../../src/vault/probe/prober.js'
import { openStore } from '../../../src/vault/store/store.js'
import { MARK_FILE } from '../../../src/vault/volume.js'
import { until } from '../../support/processes/database.js'
import { hangCalls } from '../../support/processes/hung-files.js'
import { isAlive } from '../../support/processes/recorder-setup.js'

const id = '0d6f5a32-95a1-4a93-a31d-4de7a8c1a1f3'

async function setUp(t: Test) {
  const dir = t.testdir({})
  const folders = { store: join(dir, 'store'), keys: join(dir, 'keys'), prompts: join(dir, 'prompts') }
  const [store, keystore] = [`file:${folders.store}`, `file:${folders.keys}`]
  await openStore(store, { id, ifMissing: 'make' })
  await openKeyStore(keystore, { id, ifMissing: 'make' })
  await mkdir(join(folders.prompts, 'en'), { recursive: true })
  const { prompts } = folders
  const prober = new Prober({ store, keystore, prompts, marking: { id, ifMissing: 'refuse' } })
  t.teardown(() => prober.stop())
  return { ...folders, prober }
}

/** Whether a promise has resolved or rejected. */
function watch(work: Promise<unknown>) {
  const state = { over: false, work }
  const over = () => {
    state.over = true
  }
  work.then(over, over)
  return state
}

t.test('working and failing volumes are told apart, and no file is left in them', async t => {
  const { prober, store, keys } = await setUp(t)
  await prober.store.checkWritable('service')
  await prober.keyStore.checkWritable('service')
  const room = await prober.store.room('service')
  t.ok(room && room.size > room.free && room.free > 0)
  t.strictSame([...(await readdir(store)), ...(await readdir(keys))], [MARK_FILE, MARK_FILE])
  await rm(join(keys, MARK_FILE))
  await t.rejects(prober.keyStore.checkWritable('service'), { message: /without its mark/ })
  await prober.store.checkWritable('service')
})

t.test('prompts that cannot be listed are reported', async t => {
  const { prober, prompts } = await setUp(t)
  await prober.prompts.checkReadable()
  await rename(prompts, `${prompts}.aside`)
  await t.rejects(prober.prompts.checkReadable(), { message: /ENOENT/ })
  await prober.store.checkWritable('service')
  await rename(`${prompts}.aside`, prompts)
  await prober.prompts.checkReadable()
})

t.test('a volume that hangs blocks neither the others nor this process', async t => {
  const { prober, store, keys } = await setUp(t)
  const mark = join(keys, MARK_FILE)
  await rename(mark, `${mark}.aside`)
  execFileSync('mkfifo', [mark])
  // More questions than this process has threads.
  const hanging = Array.from({ length: 6 }, () => watch(prober.keyStore.checkWritable('service')))
  await prober.store.checkWritable('service')
  t.ok((await readdir(store)).length > 0, 'our own files can be worked on')
  t.notOk(hanging.some(({ over }) => over))

  const released: FileHandle = await open(mark, 'r+')
  await rename(`${mark}.aside`, mark)
  await released.close()
  await Promise.allSettled(hanging.map(({ work }) => work))
  await prober.keyStore.checkWritable('service')
})

t.test('prompts that hang block neither store nor key store', async t => {
  const { prober, prompts } = await setUp(t)
  await prober.prompts.checkReadable()
  // The folder can be listed, and what is in it hangs, as a file system that is mounted there.
  const release = await hangCalls([prober.pid!], [join(prompts, 'en')])
  const hanging = watch(prober.prompts.checkReadable())
  await prober.store.checkWritable('service')
  await prober.keyStore.checkWritable('service')
  t.notOk(hanging.over, 'the prompts hang')
  await release()
  await hanging.work
})

t.test('a killed prober is started again, and one that hangs ends with this process', async t => {
  const { prober, keys } = await setUp(t)
  await prober.store.checkWritable('service')
  const first = prober.pid!
  process.kill(first, 'SIGKILL')
  await prober.store.checkWritable('service')
  const second = prober.pid!
  t.not(second, first)
  const mark = join(keys, MARK_FILE)
  await rm(mark)
  execFileSync('mkfifo', [mark])
  const hanging = watch(prober.keyStore.checkWritable('service'))
  // The answer about the store comes later than one about the key store would.
  await prober.store.checkWritable('service')
  t.notOk(hanging.over, 'the key store hangs')
  prober.stop()
  await t.rejects(hanging.work)
  await until(() => !isAlive(second))
})
