// Real: files on disk and a running process. Fake: the drafts of a process that was killed.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { makeSecretFile, replaceSecretFile } from '../../../../src/lib/files/secret-file.js'

const modeOf = async (path: string) => (await stat(path)).mode & 0o777
/** A process id that no process has: the largest is 4,194,304. */
const NOBODY = 9_999_999
const RANDOM = 'a'.repeat(32)

t.test(
  'a secret is written to a new file of its owner, also if another user has prepared files or links',
  async t => {
    const folder = t.testdir({ identity: 'old', prey: 'untouched' })
    const path = join(folder, 'identity')
    await writeFile(`${path}.new`, '')
    await chmod(`${path}.new`, 0o666)
    await symlink(join(folder, 'prey'), `${path}.${NOBODY}.${RANDOM}.new`)
    const spied = await import('node:fs/promises').then(({ open }) => open(`${path}.new`, 'r'))
    await replaceSecretFile(path, 'a secret')
    t.equal(await readFile(path, 'utf8'), 'a secret')
    t.equal(await modeOf(path), 0o600)
    t.notMatch(
      await spied.readFile('utf8'),
      'secret',
      'a process that has the prepared file open reads nothing',
    )
    await spied.close()
    t.equal(await readFile(join(folder, 'prey'), 'utf8'), 'untouched', 'no link is followed')
  },
)

t.test('a name that can be guessed keeps nobody from replacing a secret', async t => {
  const folder = t.testdir({ identity: 'old', prey: 'untouched' })
  const path = join(folder, 'identity')
  // What another user has prepared is not ours to remove. Neither is a link.
  for (const guessed of [`${path}.new`, `${path}.${process.pid}.new`])
    await symlink(join(folder, 'prey'), guessed)
  await replaceSecretFile(path, 'a secret')
  t.equal(await readFile(path, 'utf8'), 'a secret')
  t.equal(await readFile(join(folder, 'prey'), 'utf8'), 'untouched')
})

t.test('the umask does not change the mode', async t => {
  const folder = t.testdir({})
  const former = process.umask(0o777)
  t.teardown(() => process.umask(former))
  await makeSecretFile(join(folder, 'made'), 'a')
  await replaceSecretFile(join(folder, 'replaced'), 'b')
  process.umask(0)
  await replaceSecretFile(join(folder, 'again'), 'b')
  await makeSecretFile(join(folder, 'public'), 'c', 0o644)
  for (const [name, mode] of Object.entries({ made: 0o600, replaced: 0o600, again: 0o600, public: 0o644 }))
    t.equal(await modeOf(join(folder, name)), mode, name)
})

t.test('making a file does not overwrite an existing one', async t => {
  const path = join(t.testdir({ identity: 'old' }), 'identity')
  await t.rejects(makeSecretFile(path, 'new'), { code: 'EEXIST' })
  t.equal(await readFile(path, 'utf8'), 'old')
})

t.test('a file that is being made has its whole content or does not exist', async t => {
  const folder = t.testdir({})
  const content = 'a'.repeat(100)
  for (let i = 0; i < 50; i++) {
    const path = join(folder, String(i))
    let made = false
    const making = makeSecretFile(path, content).finally(() => {
      made = true
    })
    while (!made) t.match(await readFile(path, 'utf8').catch(() => content), content)
    await making
  }
  t.equal((await readdir(folder)).length, 50, 'no draft is left')
})

t.test('drafts of killed processes are removed, and those of running ones stay', async t => {
  const living = spawn('sleep', ['600'])
  t.teardown(() => living.kill('SIGKILL'))
  await once(living, 'spawn')
  const names = {
    left: `identity.${NOBODY}.${RANDOM}.new`,
    other: `identity.json.${NOBODY}.${RANDOM}.new`,
    theirs: `identity.${living.pid}.${RANDOM}.new`,
  }
  const folder = t.testdir(Object.fromEntries(Object.values(names).map(name => [name, 'a secret'])))
  await replaceSecretFile(join(folder, 'identity'), 'new')
  t.same((await readdir(folder)).sort(), ['identity', names.other, names.theirs].sort())
})
