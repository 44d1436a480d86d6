// Real: processes, strace. Fake: none.
import { spawn } from 'node:child_process'
import t from 'tap'
import { childrenOf } from '../../../support/processes/children.js'
import { until } from '../../../support/processes/database.js'
import { hangCalls } from '../../../support/processes/hung-files.js'

t.test('nothing hangs of processes that have ended, and of one that nobody has waited for', async t => {
  // `sleep` takes the place of the shell, and does not wait for the shell's child.
  const parent = spawn('sh', ['-c', 'true & exec sleep 60'], { stdio: 'ignore' })
  t.teardown(() => parent.kill())
  await until(async () => (await childrenOf(parent.pid!)).length === 1)
  const [unawaited] = await childrenOf(parent.pid!)
  const release = await hangCalls([unawaited!, 2 ** 22 + 1], [t.testdir({})])
  await t.resolves(release())
})
