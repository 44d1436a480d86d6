// Real: keygen and the functions for secret files as separate processes, whose system calls strace shows, the disk. Fake: none.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { compiled } from '../../../../lab/process/compiled.js'
import { prepareTools } from '../../../../lab/tools/prepare-tools.js'
import { scratch } from '../../../support/processes/database.js'

const run = promisify(execFile)
const { strace } = await prepareTools(['strace'])
const TRACED = ['fsync', 'fdatasync', 'rename', 'renameat', 'renameat2', 'link', 'linkat']
  .map(name => `?${name}`)
  .join(',')

/** Runs Node with these arguments. @returns what it synced, and to which names it renamed or linked, in order */
async function traced(t: Test, ...words: string[]): Promise<string[]> {
  const calls = join(await scratch(t), 'calls')
  const options = ['-f', '-qq', '-y', '-e', `trace=${TRACED}`, '-o', calls]
  await run(join(strace, 'bin', 'strace'), [...options, process.execPath, ...words])
  return (await readFile(calls, 'utf8')).split('\n').flatMap(line => {
    const synced = /sync\(\d+<([^>]+)>/.exec(line)?.[1]
    const [, how, named] = /\b(rename|link)\w*\(.*"([^"]+)"/.exec(line) ?? []
    return synced ? [`sync ${synced}`] : named ? [`${how} to ${named}`] : []
  })
}

/** Asserts that the calls are among those that were traced, in this order. */
function inOrder(t: Test, found: readonly string[], wanted: readonly RegExp[]): void {
  let rest = found
  for (const one of wanted) {
    const at = rest.findIndex(call => one.test(call))
    t.ok(at >= 0, `${one} in order, of: ${found.join(', ')}`)
    rest = rest.slice(at + 1)
  }
}

t.test('drawn keys, their names and their folder are on the disk when the command ends', async t => {
  const folder = await scratch(t)
  const done = await traced(t, compiled('cli'), 'keygen', 'service', '--dir', join(folder, 'keys'))
  const own = new RegExp(`^sync ${folder}$`)
  const keys = new RegExp(`^sync ${folder}/keys$`)
  const made = (name: string) => [
    new RegExp(`^sync .*/${name}\\..*\\.new$`),
    new RegExp(`^link to .*/${name}$`),
    keys,
  ]
  inOrder(t, done, [own, ...made('identity\\.json'), ...made('recipients\\.json')])
})

t.test('a secret that is replaced is on the disk before it gets its name', async t => {
  const path = join(await scratch(t), 'identity.json')
  const script = `const { replaceSecretFile } = await import(${JSON.stringify(compiled('lib/files/secret-file'))})
    await replaceSecretFile(${JSON.stringify(path)}, 'a secret')`
  const done = await traced(t, '--input-type=module', '--eval', script)
  inOrder(t, done, [
    new RegExp(`^sync ${path}\\..*\\.new$`),
    new RegExp(`^rename to ${path}$`),
    new RegExp(`^sync ${dirname(path)}$`),
  ])
})
