// Real: the spool, the store, documents, the system's limit of open files. Fake: the program that prints.
// Who cannot use a file closes it: otherwise each new attempt would take one more of the files that the service may have open.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { newCallId } from '../../../../src/core/ids.js'
import { Spool } from '../../../../src/journal/spool/spool.js'
import { encodeEvent } from '../../../../src/journal/write/encode-event.js'
import { saveDocument } from '../../../../src/lib/documents/save.js'
import { asked } from '../../../support/data/call-events.js'
import { silent } from '../../../support/processes/database.js'

const child = fileURLToPath(new URL('../../../support/processes/descriptor-child.js', import.meta.url))

/** Files of this path, or below it, that this process has open. */
const openBelow = (start: string) =>
  readdirSync('/proc/self/fd')
    .map(fd => {
      try {
        return readlinkSync(join('/proc/self/fd', fd))
      } catch {
        // It was the list itself.
        return ''
      }
    })
    .filter(path => path.startsWith(start))

for (const what of ['spool', 'store'])
  t.test(`${what}: a new file whose folder cannot be synced is closed`, async t => {
    const said = execFileSync(process.execPath, [child, what, t.testdir({})], { encoding: 'utf8' })
    t.equal(said, 'store.unwritable, closed')
  })

t.test('a spool whose key cannot be read is closed', async t => {
  const dir = t.testdir({})
  const first = await Spool.open(dir, silent)
  await first.append([encodeEvent(asked(newCallId(), 0))])
  t.strictSame(openBelow(dir), [join(dir, 'events')], 'an open one is seen')
  await first.close()
  t.strictSame(openBelow(dir), [])
  execFileSync('rm', [join(dir, 'key')])
  mkdirSync(join(dir, 'key'))
  await t.rejects(Spool.open(dir, silent), { code: 'store.unwritable' })
  t.strictSame(openBelow(dir), [])
})

t.test('a printed document that cannot be put in its place is closed', async t => {
  const dir = t.testdir({ 'act.pdf': {} })
  const printer = join(dir, 'printer')
  writeFileSync(
    printer,
    '#!/bin/sh\nfor word; do case $word in --print-to-pdf=*) echo printed >"${word#*=}";; esac; done\n',
    {
      mode: 0o700,
    },
  )
  const pages = async function* () {
    yield '<p>An act</p>'
  }
  const former = openBelow(join(tmpdir(), 'consentry-print-'))
  await t.rejects(saveDocument(join(dir, 'act.pdf'), pages(), printer), { code: 'store.unwritable' })
  t.strictSame(openBelow(join(tmpdir(), 'consentry-print-')), former)
  await saveDocument(join(dir, 'whole.pdf'), pages(), printer)
  t.equal(readFileSync(join(dir, 'whole.pdf'), 'utf8'), 'printed\n')
  t.strictSame(openBelow(join(tmpdir(), 'consentry-print-')), former)
})
