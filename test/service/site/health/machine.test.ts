// Real: processes with their own limits, file systems. Fake: none.
import { execFileSync } from 'node:child_process'
import t from 'tap'
import { inMemory } from '../../../../src/lib/host/memory.js'
import { projectRoot } from '../../../../src/lib/process/project.js'

const module = new URL('../../../../src/lib/host/memory.js', import.meta.url).href

/** The exposures of a process with this limit on core files. */
function exposedWith(coreLimit: number): string[] {
  const look = `console.log(JSON.stringify((await import('${module}')).memoryExposures(process.pid)))`
  const script = `ulimit -S -c ${coreLimit} && exec "$0" --input-type=module -e "$1"`
  return JSON.parse(execFileSync('bash', ['-c', script, process.execPath, look], { encoding: 'utf8' }))
}

t.test('the limit on core files decides whether core dumps are a fault', async t => {
  const isFault = (limit: number) => exposedWith(limit).includes('core')
  t.ok(isFault(1))
  t.notOk(isFault(0))
})

t.test('a folder in memory is distinguished from one on a disk', async t => {
  t.ok(await inMemory('/dev/shm'))
  t.notOk(await inMemory(projectRoot()))
})
