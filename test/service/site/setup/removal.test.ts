// Real: the command, and the configuration files and the unit of Debian's Asterisk. Fake: the machine, a folder in place of /.
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { prepareTools } from '../../../../lab/tools/prepare-tools.js'
import { dialplanFile } from '../../../../src/asterisk/dialplan-version.js'
import { consentry } from '../../../support/processes/command.js'
import { scratch } from '../../../support/processes/database.js'

t.setTimeout(300_000)
const { asterisk22 } = await prepareTools(['asterisk22'])
const ENTRY = 'etc/asterisk/consentry-extensions.conf'
const INCLUDED = '\n#include /etc/asterisk/consentry-extensions.conf\n'

/** A folder that stands for the root of a Debian machine with Asterisk. */
async function machine(t: Test): Promise<string> {
  const root = await scratch(t)
  await mkdir(join(root, 'etc'), { recursive: true })
  await cp(join(asterisk22, 'etc/asterisk'), join(root, 'etc/asterisk'), { recursive: true })
  const units = join(root, 'usr/lib/systemd/system')
  await mkdir(units, { recursive: true })
  const unit = await readFile(join(asterisk22, 'usr/lib/systemd/system/asterisk.service'), 'utf8')
  await writeFile(join(units, 'asterisk.service'), unit)
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nconsentry:x:990:990::/:/bin/false\n')
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nasterisk:x:112:\n')
  return root
}

const setup = (root: string, ...args: string[]) => consentry({}, 'setup', '--root', root, '--yes', ...args)
const installed = (root: string) => setup(root, '--database', 'embedded', '--keys', 'console')

/** Every file of the system's configuration with its content. */
async function contents(root: string): Promise<Record<string, string>> {
  const names = await readdir(join(root, 'etc'), { recursive: true, withFileTypes: true })
  const files = names.filter(one => one.isFile()).map(one => join(one.parentPath, one.name))
  // A file that ends without a line's end has one afterwards.
  const read = async (file: string) =>
    [file.slice(root.length + 1), `${(await readFile(file, 'latin1')).trimEnd()}\n`] as const
  return Object.fromEntries(await Promise.all(files.sort().map(read)))
}

t.test('a removal undoes what setup did, but for the entry of the dialplan and the settings', async t => {
  const root = await machine(t)
  const before = await contents(root)
  t.equal((await installed(root)).code, 0)
  const during = await contents(root)
  const shown = await setup(root, '--remove', '--dry-run')
  t.match(shown.out, /--- \/etc\/asterisk\/consentry-ari\.conf\s+\+\+\+ \/dev\/null[\s\S]*-password = ••••••/)
  t.match(shown.out, /-#include \/etc\/asterisk\/consentry-ari\.conf/, 'it is shown as a difference')
  t.strictSame(await contents(root), during, 'a dry run changes nothing')

  const { code, out } = await setup(root, '--remove')
  t.equal(code, 0, out)
  const after = await contents(root)
  const { [ENTRY]: entry, 'etc/consentry/consentry.env': settings, ...others } = after
  t.match(entry, `#tryinclude ${dialplanFile()}\n`)
  t.ok(settings)
  const dialplan = 'etc/asterisk/extensions.conf'
  t.strictSame(others, { ...before, [dialplan]: `${before[dialplan]!.trimEnd()}${INCLUDED}` })
  t.match(out, /What stays:[\s\S]*rm -r \/etc\/consentry\n[\s\S]*userdel consentry/)
  t.match(
    out,
    /sed -i '\\\|#include \S+\|d' \/etc\/asterisk\/extensions\.conf && rm \S+consentry-extensions\.conf/,
  )
})

t.test('a second removal changes nothing, and setup works again after one', async t => {
  const root = await machine(t)
  await installed(root)
  const during = await contents(root)
  await setup(root, '--remove')
  const removed = await contents(root)
  t.match((await setup(root, '--remove')).out, /Nothing has to change/)
  t.strictSame(await contents(root), removed)
  await installed(root)
  t.strictSame(Object.keys(await contents(root)), Object.keys(during))
})

t.test('of a machine that was never set up, nothing is changed', async t => {
  const root = await machine(t)
  const before = await contents(root)
  t.match((await setup(root, '--remove')).out, /Nothing has to change/)
  t.strictSame(await contents(root), before)
})

t.test('a dialplan that includes ours by hand gets the entry in its place, and stays readable', async t => {
  const root = await machine(t)
  const dialplan = join(root, 'etc/asterisk/extensions.conf')
  const custom = join(root, 'etc/asterisk/extensions_custom.conf')
  await writeFile(dialplan, '#include extensions_custom.conf\n[mine]\nexten => 1,1,NoOp()\n')
  await writeFile(custom, `[own]\n#include "${dialplanFile()}"\n`)
  const { code, out } = await setup(root, '--remove', '--lang', 'ru')
  t.equal(code, 0, out)
  t.equal(await readFile(custom, 'utf8'), `[own]${INCLUDED}`)
  t.match(await readFile(join(root, ENTRY), 'utf8'), '[consentry-away]')
  t.match(out, /Что остаётся:/)
})
