// Real: the service as a separate process, PostgreSQL, keeper, ffmpeg. Fake: the PBX.
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { endKeeper, keepersOf } from '../../../lab/process/end-keeper.js'
import { removeProtected } from '../../../lab/process/remove-protected.js'
import { processRuns } from '../../../src/lib/process/process-runs.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { FakePbx } from '../../support/fakes/fake-pbx.js'
import { PROMPTS } from '../../support/processes/converted-prompts.js'
import { scratch, until } from '../../support/processes/database.js'
import { ffmpeg } from '../../support/processes/ffmpeg.js'
import { prepareDatabase } from '../../support/processes/prepared-database.js'
import { readServiceLog } from '../../support/processes/service-log.js'

/** What `ari-client` and `fluent-ffmpeg` would load, and nobody maintains. */
const ABANDONED = ['request', 'tough-cookie', 'form-data', 'swagger-client', 'shred', 'btoa']

const dir = await scratch(t)
const packages = await packagesOfLiveService()

t.test('a service has loaded no library that nobody maintains', async t => {
  for (const used of ['ari-client', 'fluent-ffmpeg', 'ws', 'async', 'fastify', 'avvio'])
    t.ok(packages.includes(`node_modules/${used}`), `${used} is loaded`)
  const names = packages.map(path => path.split('node_modules/').at(-1)!)
  t.strictSame(
    names.filter(name => ABANDONED.includes(name)),
    [],
  )
  t.strictSame(
    names.filter(name => name === 'ws'),
    ['ws'],
    'once',
  )
})

t.test('a service has loaded only packages that the lockfile has for those who run it', async t => {
  const locked = JSON.parse(await readFile(join(projectRoot(), 'package-lock.json'), 'utf8')).packages
  for (const path of packages) t.comment(`${path.replace('node_modules/', '')}@${locked[path]?.version}`)
  t.strictSame(
    packages.filter(path => !locked[path] || locked[path].dev),
    [],
  )
})

/**
 * Starts a service, waits until it hears the PBX, and ends it.
 *
 * @returns the packages of which it has run files, as the lockfile names them
 */
async function packagesOfLiveService(): Promise<string[]> {
  const [data, tap, ran] = [join(dir, 'data'), join(dir, 'tap'), join(dir, 'ran')]
  t.teardown(async () => {
    await endKeeper(data, await keepersOf(tap))
    await removeProtected(tap)
  })
  await mkdir(data)
  await prepareDatabase(join(data, 'postgres'))
  const service = readServiceLog(t, {
    ARI_URL: (await FakePbx.start(t)).url,
    ARI_USERNAME: 'consentry',
    ARI_PASSWORD: 'geheim',
    CONSENTRY_FFMPEG: ffmpeg,
    CONSENTRY_DATA: data,
    CONSENTRY_PROMPTS: PROMPTS,
    CONSENTRY_TAP_DIR: tap,
    CONSENTRY_HTTP: '127.0.0.1:0',
    // V8 writes into this folder, when the process ends, which files it has run.
    NODE_V8_COVERAGE: ran,
  })
  for await (const { msg, pid } of service) {
    if (msg !== 'ready for calls') continue
    process.kill(pid!, 'SIGTERM')
    await until(() => !processRuns(pid!))
    break
  }
  const urls: string[] = []
  for (const file of await readdir(ran)) {
    const { result } = JSON.parse(await readFile(join(ran, file), 'utf8')) as { result: { url: string }[] }
    urls.push(...result.map(({ url }) => url))
  }
  const below = `${pathToFileURL(projectRoot())}/`
  // The folder of a package is what follows the last `node_modules`: one name, or a scope and a name.
  const folders = urls.map(url => /^(.*node_modules\/(@[^/]+\/)?[^/]+)\//.exec(url.replace(below, ''))?.[1])
  const packages = await Promise.all(
    [...new Set(folders)].filter(folder => folder !== undefined).map(folder => packagesIn(folder)),
  )
  return [...new Set(packages.flat())]
}

/** Below `dist` are bundles for tests. Each tells of which packages it has files. */
async function packagesIn(folder: string): Promise<string[]> {
  if (!folder.startsWith('dist/')) return [folder]
  const manifest = await readFile(join(projectRoot(), folder, 'package.json'), 'utf8')
  return (JSON.parse(manifest) as { bundled: string[] }).bundled
}
