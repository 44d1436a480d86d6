// Real: the processes. Fake: the prober's program, which writes what is no answer.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Prober } from '../../../../src/vault/probe/prober.js'

/** Writes a program that stands in for the prober. Its first process writes a line in place of each answer, its later ones may answer. */
function program(dir: string, garbled: string, later: 'answers' | 'garbles'): string {
  const file = join(dir, 'prober.mjs')
  const began = JSON.stringify(join(dir, 'began'))
  writeFileSync(
    file,
    `import { existsSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
const garbles = ${later === 'garbles'} || !existsSync(${began})
writeFileSync(${began}, '')
createInterface({ input: process.stdin }).on('line', line => {
  const { n } = JSON.parse(line)
  if (n !== undefined) process.stdout.write((garbles ? ${JSON.stringify(garbled)} : JSON.stringify({ n })) + '\\n')
})`,
  )
  return file
}

const settings = { store: '', keystore: '', prompts: '/', marking: { ifMissing: 'make' } } as never
const GARBLED = ['{"n":1,', 'null', '[]', '{}', '{"n":1,"error":{}}', '{"n":1,"underWayMs":"long"}']

for (const line of GARBLED)
  t.test(`a prober that writes ${line} is replaced, and the question is asked again`, async t => {
    const prober = new Prober(settings, program(t.testdir(), line, 'answers'))
    t.teardown(() => prober.stop())
    const asked = prober.store.checkWritable('service')
    const before = prober.pid
    await asked
    t.ok(before && prober.pid && prober.pid !== before, 'another process answered')
  })

t.test('if the next prober does so too, the probe has failed', async t => {
  const prober = new Prober(settings, program(t.testdir(), '{"n":1,', 'garbles'))
  t.teardown(() => prober.stop())
  await t.rejects(prober.store.checkWritable('service'), {
    message: 'the storage could not be tested: the prober wrote what is no answer',
  })
})
