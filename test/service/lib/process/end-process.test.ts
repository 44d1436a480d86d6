// Real: processes that end, pipes at which their file operations wait. Fake: none.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { scratch } from '../../../support/processes/database.js'

const endProcess = new URL('../../../../src/lib/process/end-process.js', import.meta.url).href

/** Starts a process that opens a pipe and ends itself. The open waits until the pipe has a writer. */
async function endingAtPipe(t: Test) {
  const pipe = join(await scratch(t), 'pipe')
  execFileSync('mkfifo', [pipe])
  const script = `
    const { endProcess } = await import('${endProcess}')
    const { open } = await import('node:fs/promises')
    void open(${JSON.stringify(pipe)}).then(() => console.log('opened'))
    console.log('waits')
    endProcess(3)
    endProcess(4)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const said: string[] = []
  child.stdout.setEncoding('utf8').on('data', text => said.push(text))
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  return { pipe, said, ended }
}

t.test('a running file operation ends first', async t => {
  const { pipe, said, ended } = await endingAtPipe(t)
  const writer = await open(pipe, 'r+')
  t.strictSame(await ended, [3, null], 'it ends with the code that was named first')
  t.strictSame(said.join(''), 'waits\nopened\n')
  await writer.close()
})

t.test('the process does not wait for a file operation that hangs', async t => {
  const { ended } = await endingAtPipe(t)
  const before = performance.now()
  t.strictSame(await ended, [null, 'SIGKILL'])
  t.ok(performance.now() - before < 10_000)
})
