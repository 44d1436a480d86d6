// Real: this process, a child and the kernel's files about both. Fake: none.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { familyProcessorTime, processorTime } from '../../bench/support/processor-time.js'

/** The process and the kernel's files may differ by this much, ms. The files count in ticks of 10 ms and are read a little later. */
const APART = 60

const BURN = 'const end = process.cpuUsage().user + 300_000; while (process.cpuUsage().user < end);'

t.test('processor time of a process is what the process itself counts', async t => {
  const { user, system } = process.cpuUsage()
  const seen = await processorTime(process.pid)
  t.ok(Math.abs(seen - (user + system) / 1_000) < APART, `${seen} ms`)
})

t.test(
  'the time of a living child counts for the family alone, and that of an ended child also for its parent',
  async t => {
    const before = await processorTime(process.pid)
    const child = spawn(process.execPath, ['-e', `${BURN} console.log('done'); process.stdin.resume()`])
    t.teardown(() => child.kill())
    await once(child.stdout, 'data')
    const [own, family] = await Promise.all([processorTime(process.pid), familyProcessorTime(process.pid)])
    t.ok(family - own >= 300, 'the family has the time of the child')
    t.ok(own - before < 300, 'the parent does not have it')
    child.stdin.end()
    await once(child, 'exit')
    t.ok((await processorTime(process.pid)) - before >= 300, 'the parent has it when the child has ended')
  },
)

t.test('a process that is gone has no processor time', async t => {
  await t.rejects(processorTime(2 ** 22 + 1), /gone/)
})
