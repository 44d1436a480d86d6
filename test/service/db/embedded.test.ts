// Real: PostgreSQL, its files and processes. Fake: none.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { codeOf } from '../../../src/core/errors.js'
import { connect } from '../../../src/db/connection.js'
import { type Access, startTimeOf } from '../../../src/db/embedded/access.js'
import { startEmbedded } from '../../../src/db/embedded.js'
import { scratch, silent, startPrepared, until } from '../../support/processes/database.js'
import { prepareDatabase } from '../../support/processes/prepared-database.js'

const setting = async (url: string, name: string) => {
  const connection = await connect(url, 'test')
  const { rows } = await connection.query<Record<string, string>>(`show ${name}`)
  await connection.close()
  return rows[0]![name]
}

const accessOf = async (dir: string) => JSON.parse(await readFile(join(dir, 'access.json'), 'utf8')) as Access

t.test('the first start makes the database, the second one uses it', async t => {
  const dir = join(await scratch(t), 'db')
  const first = await startEmbedded({ dir, log: silent })
  const owner = await connect(first.adminUrl, 'test')
  await owner.query('create table kept (word text)')
  await owner.query('insert into kept values ($1)', ['still here'])
  await owner.close()
  await first.stop()
  await first.stop()

  const second = await startEmbedded({ dir, log: silent })
  t.teardown(() => second.stop())
  t.equal(second.url, first.url, 'same port, same password')
  const again = await connect(second.adminUrl, 'test')
  t.strictSame((await again.query('select word from kept')).rows, [{ word: 'still here' }])
  await again.close()
})

t.test(
  'the server accepts only loopback connections, with a password that only its owner can read',
  async t => {
    const dir = join(await scratch(t), 'db')
    const server = await startEmbedded({ dir, log: silent })
    t.teardown(() => server.stop())
    t.equal((await stat(join(dir, 'access.json'))).mode & 0o777, 0o600)
    t.equal((await stat(dir)).mode & 0o777, 0o700)
    t.equal(await setting(server.adminUrl, 'listen_addresses'), '127.0.0.1')
    const sockets = await readFile('/proc/net/unix', 'utf8')
    t.notOk(sockets.includes(`.s.PGSQL.${new URL(server.url).port}`), 'no Unix socket')
    const wrong = new URL(server.url)
    wrong.password = 'guessed'
    await t.rejects(connect(wrong.href, 'test'), { code: 'db.unavailable', message: /28P01/ })
  },
)

t.test('Ctrl-C in the terminal reaches only the service, which then ends its database', async t => {
  const server = await startPrepared(t, join(await scratch(t), 'db'))
  const groupOf = async (pid: number) =>
    Number((await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/.*\) /, '').split(' ')[2])
  t.not(await groupOf(server.pid), await groupOf(process.pid))
})

t.test('commits are synced, and damage on disk is detected', async t => {
  const server = await startPrepared(t, join(await scratch(t), 'db'))
  for (const name of ['fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums']) {
    t.equal(await setting(server.url, name), 'on', name)
  }
})

t.test('values of statements, which may be personal data, are not logged', async t => {
  const server = await startPrepared(t, join(await scratch(t), 'db'))
  for (const name of ['log_parameter_max_length', 'log_parameter_max_length_on_error'])
    t.equal(await setting(server.url, name), '0', name)
})

t.test('a killed server is started again, with all commits', async t => {
  const server = await startPrepared(t, join(await scratch(t), 'db'))
  const before = await connect(server.adminUrl, 'test')
  await before.query('create table kept as select 1 as one')
  const killed = server.pid
  process.kill(killed, 'SIGKILL')
  await until(() => server.pid !== killed)
  const after = await connect(server.adminUrl, 'test')
  t.strictSame((await after.query('select one from kept')).rows, [{ one: 1 }])
  await after.close()
})

t.test(
  'a lock file from a crash, whose process id another process has now, does not prevent the start',
  async t => {
    const dir = join(await scratch(t), 'db')
    await prepareDatabase(dir)
    await writeFile(
      join(dir, 'cluster', 'postmaster.pid'),
      `${process.pid}\n${join(dir, 'cluster')}\n1\n5432\n`,
    )
    const server = await startEmbedded({ dir, log: silent })
    t.teardown(() => server.stop())
    t.equal(await setting(server.url, 'fsync'), 'on')
  },
)

t.test('two services cannot use one folder', async t => {
  const dir = join(await scratch(t), 'db')
  await prepareDatabase(dir)
  const other = spawn('sleep', ['60'])
  const holder = { pid: other.pid!, born: (await startTimeOf(other.pid!))! }
  await writeFile(join(dir, 'access.json'), JSON.stringify({ ...(await accessOf(dir)), holder }))
  await t.rejects(startEmbedded({ dir, log: silent }), {
    code: 'config.invalid',
    message: new RegExp(`Process ${other.pid} `),
  })
  other.kill()
  await once(other, 'exit')
  const server = await startEmbedded({ dir, log: silent })
  t.teardown(() => server.stop())
  t.equal((await accessOf(dir)).holder?.pid, process.pid)
})

t.test('a killed service leaves no server running', async t => {
  const dir = join(await scratch(t), 'db')
  await prepareDatabase(dir)
  const embedded = new URL('../../../src/db/embedded.js', import.meta.url).href
  const log = new URL('../../../src/lib/log.js', import.meta.url).href
  const script = `
    const { startEmbedded } = await import(${JSON.stringify(embedded)})
    const { createLog } = await import(${JSON.stringify(log)})
    const server = await startEmbedded({ dir: ${JSON.stringify(dir)}, log: createLog('silent') })
    console.log(server.pid)
    setInterval(() => undefined, 1000)`
  const service = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(service.stdout!, 'data')) as [Buffer]
  const server = Number(line.toString())
  t.type(await startTimeOf(server), 'string')
  service.kill('SIGKILL')
  await until(async () => (await startTimeOf(server)) === undefined)

  const next = await startEmbedded({ dir, log: silent })
  t.teardown(() => next.stop())
  t.equal(await setting(next.url, 'fsync'), 'on')
})

t.test('a cluster is made again after an interrupted start', async t => {
  const dir = join(await scratch(t), 'db')
  const first = await startEmbedded({ dir, log: silent })
  await first.stop()
  await rename(join(dir, 'cluster'), join(dir, 'cluster.new'))
  await writeFile(join(dir, 'access.json'), JSON.stringify({ ...(await accessOf(dir)), prepared: false }))
  const second = await startEmbedded({ dir, log: silent })
  t.teardown(() => second.stop())
  t.equal(await setting(second.url, 'fsync'), 'on')
})

t.test('a failed start says why', async t => {
  const dir = join(await scratch(t), 'db')
  await prepareDatabase(dir)
  await writeFile(join(dir, 'cluster', 'postgresql.conf'), 'no_such_setting = on\n')
  const failed = startEmbedded({ dir, log: silent })
  await t.rejects(failed, { message: /no_such_setting/ })
  t.equal(await failed.catch(codeOf), 'tool.failed')
})
