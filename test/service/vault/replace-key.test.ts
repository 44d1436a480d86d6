// Real: the disk. Fake: none.
// A replacement must never bring back a destroyed key.
import { rmSync, writeFileSync } from 'node:fs'
import { chown, link, open, readdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { newPartId } from '../../../src/core/ids.js'
import { inParallel } from '../../../src/lib/lane.js'
import { destroyKeyFile, draftPaths, replaceKeyFile } from '../../../src/vault/keys/key-folder.js'
import { openKeyStore } from '../../../src/vault/keys/key-store.js'

/** Ignores that the replacement noticed the destruction and finished it first. */
const absent = (error: NodeJS.ErrnoException) => {
  if (error.code !== 'ENOENT') throw error
}

const toNew = () => Buffer.from('the new key file')
/** Refuses what is no key, as a rotation does: the bytes of a key that is being destroyed cannot be opened. */
const keyToNew = (before: Buffer) => (before.equals(Buffer.from('the old key file')) ? toNew() : undefined)

t.test('a key file is replaced, and the old bytes are overwritten in place', async t => {
  const path = join(t.testdir({ key: 'the old key file' }), 'key')
  // A second name, so that the test can read the old file afterwards.
  await link(path, `${path}.seen`)
  t.ok(await replaceKeyFile(path, toNew))
  t.equal(await readFile(path, 'utf8'), 'the new key file')
  t.equal((await stat(path)).mode & 0o777, 0o600)
  t.strictSame((await readdir(join(path, '..'))).sort(), ['key', 'key.seen'])
})

t.test('a key file keeps its owner when another user replaces it', async t => {
  const path = join(t.testdir({ key: 'the old key file' }), 'key')
  // Only root can change the owner of a file.
  const owner = process.getuid?.() === 0 ? 65_534 : process.getuid!()
  await chown(path, owner, (await stat(path)).gid)
  t.ok(await replaceKeyFile(path, toNew))
  t.equal((await stat(path)).uid, owner)
})

t.test('the old bytes are overwritten before the old file loses its last name', async t => {
  const path = join(t.testdir({ key: 'the old key file' }), 'key')
  const old = await open(path, 'r')
  t.ok(await replaceKeyFile(path, toNew))
  const bytes = await old.readFile()
  await old.close()
  t.equal(bytes.length, 16)
  t.notOk(bytes.includes('old'), 'overwritten')
})

t.test('an unchanged file stays, and a missing file is not made', async t => {
  const folder = t.testdir({ key: 'as it is' })
  t.notOk(await replaceKeyFile(join(folder, 'key'), () => undefined))
  t.notOk(await replaceKeyFile(join(folder, 'none'), toNew))
  t.equal(await readFile(join(folder, 'key'), 'utf8'), 'as it is')
  t.strictSame(await readdir(folder), ['key'])
  await t.rejects(
    replaceKeyFile(join(folder, 'key'), () => {
      throw new Error('does not open')
    }),
    /does not open/,
  )
  t.strictSame(await readdir(folder), ['key'])
})

t.test('the next call removes what an interrupted replacement left at any step', async t => {
  const folder = t.testdir({})
  const path = join(folder, 'key')
  const [next, former] = draftPaths(path)
  const steps: Record<string, () => Promise<void>> = {
    'the new one half written': () => writeFile(next, 'the n'),
    'the old one has two names': async () => {
      await writeFile(next, 'the new key file')
      await link(path, former)
    },
    'the new one has its name, the old one is not overwritten': async () => {
      await writeFile(next, 'the new key file')
      await link(path, former)
      await rename(next, path)
    },
  }
  for (const [step, reach] of Object.entries(steps)) {
    await writeFile(path, 'the old key file')
    await reach()
    await replaceKeyFile(path, () => undefined)
    t.match(await readFile(path, 'utf8'), /^the (old|new) key file$/, `${step}: the key is there`)
    t.ok(await replaceKeyFile(path, toNew), step)
    t.strictSame(await readdir(folder), ['key'], step)
    rmSync(path)
  }
})

t.test('a service that starts during a replacement does not remove the old file', async t => {
  const root = t.testdir({})
  const key = { purpose: 'service', due: '2026-02-14', part: newPartId() }
  const keys = await openKeyStore(`file:${root}`)
  await keys.put(key, Buffer.from('the old key file'))
  const path = keys.locate(key)[0]!
  await utimes(path, 1, 1)
  const [, former] = draftPaths(path)
  await link(path, former)
  await openKeyStore(`file:${root}`)
  t.equal(await readFile(path, 'utf8'), 'the old key file')
  t.ok(await replaceKeyFile(path, toNew))
})

t.test('a key that is destroyed during its replacement stays destroyed', async t => {
  const folder = t.testdir({ key: 'the old key file' })
  const path = join(folder, 'key')
  const replaced = await replaceKeyFile(path, () => {
    // The steps of a destruction, between the reading and the writing.
    writeFileSync(path, 'random random 16')
    rmSync(path)
    return toNew()
  })
  t.notOk(replaced)
  t.strictSame(await readdir(folder), [])
})

t.test('no key file is left after many destructions during replacements', async t => {
  const folder = t.testdir({})
  const pause = (longest: number) => new Promise(resolve => setTimeout(resolve, Math.random() * longest))
  const replaced: boolean[] = []
  await inParallel(Array(400).keys(), 8, async i => {
    const path = join(folder, `key-${i}`)
    await writeFile(path, 'the old key file')
    // The destruction begins at different moments. A replacement takes a few ms.
    const destroying = pause(i % 40).then(() => destroyKeyFile(path).catch(absent))
    replaced.push(await replaceKeyFile(path, keyToNew))
    await destroying
  })
  t.strictSame(await readdir(folder), [])
  t.ok(replaced.includes(true) && replaced.includes(false), 'either came first at times')
})
