// Real: the service as a separate process, PostgreSQL, ffmpeg. Fake: the PBX, which refuses the first requests.
import { join } from 'node:path'
import t from 'tap'
import { endKeeper, keepersOf } from '../../../lab/process/end-keeper.js'
import { removeProtected } from '../../../lab/process/remove-protected.js'
import { FakePbx } from '../../support/fakes/fake-pbx.js'
import { scratch, startPrepared } from '../../support/processes/database.js'
import { ffmpeg } from '../../support/processes/ffmpeg.js'
import { type LogLine, readServiceLog } from '../../support/processes/service-log.js'

t.test(
  'a service without keys, lines and PBX says what it lacks, and is ready for calls once it has a PBX',
  async t => {
    const dir = await scratch(t)
    const [data, tap] = [join(dir, 'data'), join(dir, 'tap')]
    t.teardown(async () => {
      await endKeeper(data, await keepersOf(tap))
      await removeProtected(tap)
    })
    const server = await startPrepared(t, join(dir, 'postgres'))
    const pbx = await FakePbx.start(t)
    pbx.requestHandler = (_, response) => response.writeHead(401).end()
    const service = readServiceLog(t, {
      DATABASE_URL: server.url,
      ARI_URL: pbx.url,
      ARI_USERNAME: 'consentry',
      ARI_PASSWORD: 'hush',
      CONSENTRY_FFMPEG: ffmpeg,
      CONSENTRY_DATA: data,
      CONSENTRY_TAP_DIR: tap,
      CONSENTRY_HTTP: '127.0.0.1:0',
    })
    const lines: LogLine[] = []
    for await (const line of service) {
      lines.push(line)
      const said = (words: string) => lines.some(({ msg }) => msg.includes(words))
      if (said('waiting for the PBX') && said('the PBX cannot be reached')) pbx.requestHandler = undefined
      if (line.msg === 'ready for calls') break
    }
    const warnings = lines.filter(({ level }) => level === 40)
    for (const words of [
      /no keys.*CONSENTRY_RECIPIENTS/,
      /no lines.*consentry line set/,
      /CONSENTRY_INSIDE is not set/,
      /does not report who joins/,
    ])
      t.equal(warnings.filter(({ msg }) => words.test(msg)).length, 1, `${words}`)
    t.match(lines.find(({ msg }) => msg.startsWith('the PBX cannot be reached'))?.err, /refuses ARI_USERNAME/)
    // A busy machine has it say besides that it still makes its prompts ready.
    const told = lines.flatMap(({ msg }) => (/^ready/.test(msg) ? [msg] : []))
    t.strictSame(told, ['ready; waiting for the PBX', 'ready for calls'])
  },
)
