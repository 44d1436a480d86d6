// Real: the service as a separate process, PostgreSQL, keeper, ffmpeg behind a script. Fake: the PBX, the browser.
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { endKeeper, keepersOf } from '../../../lab/process/end-keeper.js'
import { removeProtected } from '../../../lab/process/remove-protected.js'
import { printPdf } from '../../../src/lib/documents/save.js'
import { removeSettings } from '../../../src/lib/process/child-env.js'
import { FakePbx } from '../../support/fakes/fake-pbx.js'
import { copyPromptsBut } from '../../support/processes/converted-prompts.js'
import { scratch, until } from '../../support/processes/database.js'
import { ffmpeg } from '../../support/processes/ffmpeg.js'
import { readServiceLog } from '../../support/processes/service-log.js'

const dir = await scratch(t)
/**
 * What a child may have in its environment. `_`, `PWD`, `OLDPWD` and `SHLVL` are set by a shell, and the number of the prober's
 * threads by the service.
 */
const ALLOWED =
  /^(PATH|HOME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TERM|USER|LOGNAME|SHELL|NO_COLOR|JOURNAL_STREAM|_|PWD|OLDPWD|SHLVL|PG\w+|UV_THREADPOOL_SIZE)$/
const SECRETS = {
  ARI_USERNAME: 'consentry',
  ARI_PASSWORD: 'geheim',
  CONSENTRY_API_TOKEN: 'geheim-geheim-geheim',
  AWS_SECRET_ACCESS_KEY: 'geheim',
  PGPASSWORD: 'geheim',
}

/** Makes a program that writes the environment of each run into a folder, and then runs another program. */
async function noting(name: string, then: string): Promise<{ program: string; noted: string }> {
  const [program, noted] = [join(dir, name), join(dir, `${name}-noted`)]
  await mkdir(noted)
  await writeFile(program, `#!/bin/sh\ntr '\\0' '\\n' </proc/self/environ >${noted}/$$\n${then}\n`)
  await chmod(program, 0o755)
  return { program, noted }
}
const names = (environ: string): string[] =>
  environ.split(/[\0\n]/).flatMap(line => (line.includes('=') ? [line.slice(0, line.indexOf('='))] : []))

t.test('no program that the service starts gets a setting of it', async t => {
  const [data, tap] = [join(dir, 'data'), join(dir, 'tap')]
  const prompts = join(dir, 'prompts')
  await copyPromptsBut('granted', prompts)
  const converter = await noting('ffmpeg', `exec ${ffmpeg} "$@"`)
  t.teardown(async () => {
    await endKeeper(data, await keepersOf(tap))
    await removeProtected(tap)
  })
  const service = readServiceLog(t, {
    ...SECRETS,
    ARI_URL: (await FakePbx.start(t)).url,
    CONSENTRY_FFMPEG: converter.program,
    CONSENTRY_PROMPTS: prompts,
    CONSENTRY_DATA: data,
    CONSENTRY_TAP_DIR: tap,
    CONSENTRY_HTTP: '127.0.0.1:0',
  })
  let pid = 0
  for await (const line of service) {
    pid = line.pid!
    if (line.msg === 'ready for calls') break
  }
  let children: number[] = []
  // PostgreSQL is there by now; the prober is started when the service begins to look at its health.
  await until(async () => {
    children = (await everybody()).filter(one => one.parent === pid).map(one => one.pid)
    return children.length >= 2
  })
  const watched = [...children, ...(await keepersOf(tap))]
  const environments = await Promise.all(watched.map(one => readFile(`/proc/${one}/environ`, 'utf8')))
  t.ok(environments.length >= 3, 'PostgreSQL, the prober and the keeper are looked at')
  const runs = await readdir(converter.noted)
  t.ok(runs.length > 2, 'ffmpeg ran, to be tried and to convert')
  for (const one of runs) environments.push(await readFile(join(converter.noted, one), 'utf8'))
  const leaked = new Set(
    environments.flatMap(names).filter(name => !ALLOWED.test(name) || name === 'PGPASSWORD'),
  )
  t.same([...leaked], [])
})

t.test('the browser that prints documents gets no setting of the service', async t => {
  const browser = await noting('chromium', 'exit 0')
  Object.assign(process.env, SECRETS)
  t.teardown(() => {
    for (const name of Object.keys(SECRETS)) delete process.env[name]
  })
  await printPdf(browser.program, join(dir, 'page.html'), join(dir, 'page.pdf'), dir)
  const [run] = await readdir(browser.noted)
  const found = names(await readFile(join(browser.noted, run!), 'utf8'))
  t.ok(found.includes('PATH'))
  t.same(
    Object.keys(SECRETS).filter(name => found.includes(name)),
    [],
  )
})

t.test('only named variables stay in the environment', async t => {
  const env: Record<string, string | undefined> = {
    ...SECRETS,
    PATH: '/bin',
    TZ: 'UTC',
    PGPASSFILE: '/x',
    UV_THREADPOOL_SIZE: '8',
  }
  removeSettings(env)
  t.same(env, { PATH: '/bin', TZ: 'UTC', PGPASSFILE: '/x', UV_THREADPOOL_SIZE: '8' })
})

/** All processes with their parents. */
async function everybody(): Promise<{ pid: number; parent: number }[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const stats = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')))
  return stats.flatMap(stat => {
    const parent = /\) \S (\d+)/.exec(stat)?.[1]
    return parent ? [{ pid: Number.parseInt(stat, 10), parent: Number(parent) }] : []
  })
}
