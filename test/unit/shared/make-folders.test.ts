import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makeFolders, makeFoldersSync } from '../../../src/shared/make-folders.js'

const dir = t.testdir()
const ways: Record<string, (path: string, mode?: number) => Promise<unknown>> = {
  later: makeFolders,
  'at once': async (path, mode) => makeFoldersSync(path, mode),
}

for (const [when, make] of Object.entries(ways)) {
  t.test(`what is missing is made, ${when}`, async t => {
    const top = join(dir, when.replace(' ', '-'))
    await make(join(top, 'a', 'b'), 0o700)
    for (const path of [top, join(top, 'a'), join(top, 'a', 'b')])
      t.equal(statSync(path).mode & 0o7777, 0o700, path)
    await make(join(top, 'a', 'b'), 0o755)
    t.equal(statSync(join(top, 'a', 'b')).mode & 0o7777, 0o700, 'what is there stays as it is')
    await Promise.all(Array.from({ length: 5 }, () => make(join(top, 'c', 'd', 'e'))))
    t.ok(statSync(join(top, 'c', 'd', 'e')).isDirectory(), 'several may make the same')
    const file = join(top, 'file')
    writeFileSync(file, '')
    await t.rejects(make(file), { code: 'EEXIST' })
    await t.rejects(make(join(file, 'below')), { code: 'ENOTDIR' })
  })

  t.test(`where nothing can be made, that is said and not tried for ever, ${when}`, async t => {
    await t.rejects(make('/proc/consentry'), { code: 'ENOENT' })
    await t.rejects(make('/proc/consentry/data/keys'), { code: 'ENOENT' })
  })
}

t.test('it says which folder was the first', async t => {
  t.equal(await makeFolders(join(dir, 'first', 'second')), join(dir, 'first'))
  t.equal(await makeFolders(join(dir, 'first', 'third')), join(dir, 'first', 'third'))
  t.equal(await makeFolders(join(dir, 'first', 'third')), undefined)
})
