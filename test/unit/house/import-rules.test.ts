// Reads the real sources; plants forbidden imports in a scratch folder.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../src/process/project.js'
import { breaches } from './import-rules.js'

const src = join(projectRoot(), 'src')

t.test('every import under src is one that the house allows', async t => {
  t.same(breaches(src), [])
})

t.test('a forbidden import is found', async t => {
  const planted: [file: string, line: string][] = [
    ['journal/bad.ts', "import { x } from '../telephony/telephony.js'"],
    ['telephony/bad.ts', "import { x } from '../call/run-call.js'"],
    ['keeper/bad.ts', "import { x } from '../shared/ids.js'"],
    ['keeper/worse.ts', "import pg from 'pg'"],
    ['call/bad.ts', "import ari from 'ari-client'"],
    ['recording/bad.ts', "import sodium from 'libsodium-wrappers'"],
    ['recording/worse.ts', "import '../keeper/main.js'"],
    ['policy/bad.ts', "export { serve } from '../main.js'"],
    ['console/bad.ts', "await import('../telephony/telephony.js')"],
    ['health/bad.ts', "import { x } from '../recording/recorder.js'"],
    ['console/worse.ts', "import { Registry } from 'prom-client'"],
    ['attic/bad.ts', "import { x } from '../db/database.js'"],
  ]
  const folder = t.testdir({})
  for (const [file, line] of planted) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), `${line}\n`)
  }
  t.same(
    breaches(folder)
      .map(breach => breach.file)
      .sort(),
    planted.map(([file]) => file).sort(),
  )
})
