// Real: folders of a mount namespace, the owner and mode of each. Fake: none.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { compiled } from '../../../../lab/process/compiled.js'
import { inNamespace } from '../../../support/processes/namespace.js'

/** Finds the runtime folder as root in a namespace that `script` prepares. */
async function found(script: string): Promise<string> {
  const [program, ...words] = inNamespace(`mount -t tmpfs none /run\nmount -t tmpfs none /dev/shm\n${script}`)
  const find = `const { runtimeFolder } = await import(${JSON.stringify(compiled('lib/files/lock'))})
    console.log(await runtimeFolder())`
  const node = [process.execPath, '--input-type=module', '--eval', find]
  return (await promisify(execFile)(program!, [...words, ...node])).stdout.trim()
}

t.test('root has a runtime folder though another user has taken its name in /dev/shm', async t => {
  t.equal(await found('mkdir -m 777 /dev/shm/consentry-0'), '/run/consentry-0')
})

t.test('a folder that was prepared for this user comes first', async t => {
  t.equal(await found('mkdir -m 700 /run/consentry'), '/run/consentry')
})

t.test('where /run takes no folder, the runtime folder is in /dev/shm', async t => {
  t.equal(await found('mount -t tmpfs -o ro none /run'), '/dev/shm/consentry-0')
})

t.test('a folder that others can write to is none', async t => {
  t.equal(await found('mkdir -m 777 /run/consentry /run/consentry-0 /dev/shm/consentry-0'), 'undefined')
})
