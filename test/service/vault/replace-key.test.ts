import { rmSync, writeFileSync } from 'node:fs'
import { chown, link, open, readdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { newPartId } from '../../../src/shared/ids.js'
import { inParallel } from '../../../src/shared/lane.js'
import { destroyKey } from '../../../src/vault/keys/destroy-key.js'
import { openKeyStore } from '../../../src/vault/keys/key-store.js'
import { leftBeside, replaceKey } from '../../../src/vault/keys/replace-key.js'

// A real disk. What a replacement must never do is bring back a key that was destroyed.

/** The replacement saw the destruction begin, and was the first to finish it. */
const absent = (error: NodeJS.ErrnoException) => {
  if (error.code !== 'ENOENT') throw error
}

const toNew = () => Buffer.from('the new key file')

t.test('a key file is replaced, and the old bytes are overwritten where they stood', async t => {
  const path = join(t.testdir({ key: 'the old key file' }), 'key')
  // A second name by which the old file can be looked at afterwards.
  await link(path, `${path}.seen`)
  t.ok(await replaceKey(path, toNew))
  t.equal(await readFile(path, 'utf8'), 'the new key file')
  t.equal((await stat(path)).mode & 0o777, 0o600)
  t.strictSame((await readdir(join(path, '..'))).sort(), ['key', 'key.seen'])
})

t.test('a key file keeps its owner, whoever replaces it', async t => {
  const path = join(t.testdir({ key: 'the old key file' }), 'key')
  // Only root may give a file away; for anybody else there is but one owner.
  const owner = process.getuid?.() === 0 ? 65_534 : process.getuid!()
  await chown(path, owner, (await stat(path)).gid)
  t.ok(await replaceKey(path, toNew))
  t.equal((await stat(path)).uid, owner)
})

t.test('the bytes of the old file are gone once nothing names it any more', async t => {
  const path = join(t.testdir({ key: 'the old key file' }), 'key')
  const old = await open(path, 'r')
  t.ok(await replaceKey(path, toNew))
  const bytes = await old.readFile()
  await old.close()
  t.equal(bytes.length, 16)
  t.notOk(bytes.includes('old'), 'overwritten')
})

t.test('what is left as it is, and what is not there', async t => {
  const folder = t.testdir({ key: 'as it is' })
  t.notOk(await replaceKey(join(folder, 'key'), () => undefined))
  t.notOk(await replaceKey(join(folder, 'none'), toNew))
  t.equal(await readFile(join(folder, 'key'), 'utf8'), 'as it is')
  t.strictSame(await readdir(folder), ['key'])
  await t.rejects(
    replaceKey(join(folder, 'key'), () => {
      throw new Error('does not open')
    }),
    /does not open/,
  )
  t.strictSame(await readdir(folder), ['key'])
})

t.test('a replacement that was cut off is cleared up, at whichever step', async t => {
  const folder = t.testdir({})
  const path = join(folder, 'key')
  const [next, former] = leftBeside(path)
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
    await replaceKey(path, () => undefined)
    t.match(await readFile(path, 'utf8'), /^the (old|new) key file$/, `${step}: the key is there`)
    t.ok(await replaceKey(path, toNew), step)
    t.strictSame(await readdir(folder), ['key'], step)
    rmSync(path)
  }
})

t.test('a service that starts meanwhile does not take the old file for a remnant', async t => {
  const root = t.testdir({})
  const key = { purpose: 'service', due: '2026-02-14', part: newPartId() }
  const keys = await openKeyStore(`file:${root}`)
  await keys.put(key, Buffer.from('the old key file'))
  const path = keys.locate(key)[0]!
  await utimes(path, 1, 1)
  const [, former] = leftBeside(path)
  await link(path, former)
  await openKeyStore(`file:${root}`)
  t.equal(await readFile(path, 'utf8'), 'the old key file')
  t.ok(await replaceKey(path, toNew))
})

t.test('destroyed at the moment of the replacement, a key stays destroyed', async t => {
  const folder = t.testdir({ key: 'the old key file' })
  const path = join(folder, 'key')
  const replaced = await replaceKey(path, () => {
    // What a destroyer does, in between the reading and the writing.
    writeFileSync(path, 'random random 16')
    rmSync(path)
    return toNew()
  })
  t.notOk(replaced)
  t.strictSame(await readdir(folder), [])
})

t.test('destroyed and replaced at once, over and over: never is one left', async t => {
  const folder = t.testdir({})
  const pause = (longest: number) => new Promise(resolve => setTimeout(resolve, Math.random() * longest))
  const replaced: boolean[] = []
  await inParallel(Array(400).keys(), 8, async i => {
    const path = join(folder, `key-${i}`)
    await writeFile(path, 'the old key file')
    // Early, late and in between: a replacement takes some ms.
    const destroying = pause(i % 40).then(() => destroyKey(path).catch(absent))
    replaced.push(await replaceKey(path, toNew))
    await destroying
  })
  t.strictSame(await readdir(folder), [])
  t.ok(replaced.includes(true) && replaced.includes(false), 'either came first at times')
})
