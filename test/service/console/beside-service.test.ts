// Real: service and console as processes, PostgreSQL, keeper. Fake: the PBX.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { endKeeper, keepersOf } from '../../../lab/process/end-keeper.js'
import { removeProtected } from '../../../lab/process/remove-protected.js'
import { reservePort } from '../../../src/lib/process/reserve-port.js'
import { askService } from '../../../src/socket/ask-service.js'
import { FakePbx } from '../../support/fakes/fake-pbx.js'
import { childrenOf } from '../../support/processes/children.js'
import { PROMPTS } from '../../support/processes/converted-prompts.js'
import { scratch, until } from '../../support/processes/database.js'
import { ffmpeg } from '../../support/processes/ffmpeg.js'
import { readServiceLog } from '../../support/processes/service-log.js'

const dir = await scratch(t)
const [data, tap] = [join(dir, 'data'), join(dir, 'tap')]
const port = await reservePort('tcp')
const url = `http://127.0.0.1:${port}/api/v1/me`

/** Waits until the console's port answers, or no longer does. */
const answering = (wanted: boolean) =>
  until(async () => {
    const status = await fetch(url).then(
      answer => answer.status,
      () => undefined,
    )
    return (status === 401) === wanted
  })
/** The console among the children of the service. */
async function consoleOf(service: number): Promise<number | undefined> {
  for (const pid of await childrenOf(service)) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (command.startsWith('consentry console')) return pid
  }
  return undefined
}

t.test('the service starts the console, starts it again, and takes it along when it dies', async t => {
  t.teardown(async () => {
    await endKeeper(data, await keepersOf(tap))
    await removeProtected(tap)
  })
  const service = readServiceLog(t, {
    ...{ ARI_URL: (await FakePbx.start(t)).url, ARI_USERNAME: 'consentry', ARI_PASSWORD: 'geheim' },
    ...{ CONSENTRY_API_TOKEN: 'geheim-geheim-geheim', CONSENTRY_DATA: data, CONSENTRY_TAP_DIR: tap },
    ...{ CONSENTRY_FFMPEG: ffmpeg, CONSENTRY_PROMPTS: PROMPTS },
    ...{ CONSENTRY_HTTP: '127.0.0.1:0', CONSENTRY_CONSOLE: `127.0.0.1:${port}` },
  })
  let pid = 0
  for await (const line of service) {
    pid = line.pid!
    if (line.msg === 'ready for calls') break
  }
  await answering(true)
  t.match(
    await askService(data, { do: 'report' }),
    { pid, startedAt: /^\d{4}-/, calls: 0, keeper: { running: true }, log: { stopped: false }, places: [] },
    'what the page of the system shows',
  )
  const first = (await consoleOf(pid))!
  const environ = (await readFile(`/proc/${first}/environ`, 'utf8')).split('\0')
  t.ok(environ.includes(`CONSENTRY_DATA=${data}`))
  t.strictSame(
    environ.filter(line => line.includes('geheim')),
    [],
    'it gets no access to the PBX',
  )
  t.match(
    await readFile(`/proc/${first}/stat`, 'utf8'),
    /^\d+ \(.*\) (\S+ ){16}10 /,
    'it stands back (nice 10)',
  )

  process.kill(first, 'SIGKILL')
  await until(async () => ((await consoleOf(pid)) ?? first) !== first)
  await answering(true)
  process.kill(pid, 'SIGKILL')
  await answering(false)
})
