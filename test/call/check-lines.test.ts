// Real: Asterisk, the service, PostgreSQL, keeper. Fake: the mistakes, which are planted in the running PBX, and a line that names a prompt.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { THIS_HOST } from '../../src/lib/host/processes.js'
import type { CheckName } from '../../src/site/check/check.js'
import { checkSite } from '../../src/site/check/check-site.js'
import { openSite, type Site } from '../../src/site/facts/site.js'
import { matchEach } from '../support/assertions/match-each.js'
import { startCallLab } from '../support/lab/call-lab.js'

t.setTimeout(300_000)
const { lab } = await startCallLab(t, { env: { CONSENTRY_INSIDE: 'PJSIP/agent' } })
const { pbx } = lab

/** The faults that a check finds, by their settings. */
async function settingsAtFault(check: CheckName, parts: (site: Site) => Partial<Site> = () => ({})) {
  const site = openSite({ host: THIS_HOST, settings: lab.service.env })
  try {
    const [result] = await checkSite({ ...site, ...parts(site) }, [check])
    const { outcome } = result!
    t.not(outcome.state, 'unknown')
    return outcome.state === 'fault' ? outcome.faults.map(one => `${one.setting}: ${one.found.en}`) : []
  } finally {
    await site.close()
  }
}

t.test('a prompt that a line names and that is nowhere is found', async t => {
  t.strictSame(await settingsAtFault('prompts'), [])
  const misnamed = (site: Site) => ({
    lines: async () => (await site.lines()).map(line => ({ ...line, disclosure: 'said-by-nobody' })),
  })
  matchEach(t, await settingsAtFault('prompts', misnamed), [/^CONSENTRY_PROMPTS: .*en\/said-by-nobody/])
})

t.test('a dialplan that was not reloaded, and one that hands no call over, are found', async t => {
  t.strictSame(await settingsAtFault('gosub'), [])
  await pbx.cli('dialplan remove context from-lab')
  matchEach(t, await settingsAtFault('gosub'), [/^dialplan reload: .*not reloaded/])
  const file = join(pbx.dir, 'etc', 'extensions.conf')
  const written = await readFile(file, 'utf8')
  await writeFile(file, written.replaceAll('consentry,s,1', 'elsewhere,s,1'))
  matchEach(t, await settingsAtFault('gosub'), [/^Gosub\(consentry,s,1\) .*not asked/])
  await writeFile(file, written)
  await pbx.cli('dialplan reload')
  t.strictSame(await settingsAtFault('gosub'), [])
})
