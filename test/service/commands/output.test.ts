// Real: the command as a separate process in a shell, pipes, links, a full device. Fake: none.
// No database is needed.
import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { lstatSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { compiled } from '../../../lab/process/compiled.js'
import { generateIdentity, parseRecipients } from '../../../src/vault/crypto/keygen.js'
import { scratch } from '../../support/processes/database.js'
import { block, partInfo, sealPart } from '../../unit/vault/fixture.js'

const dir = await scratch(t)
const path = (name: string) => join(dir, name)
const pair = generateIdentity('service')
const recipients = parseRecipients(JSON.stringify([pair.recipient]))
// This is more than a pipe holds. The legs are not in step.
const said = [block('caller', 0, randomBytes(90_000)), block('agent', 400, randomBytes(80_000))]
const { bytes, wrappedKey } = sealPart(partInfo(), recipients, said)
const flipped = Buffer.from(bytes)
flipped[bytes.length - 30]! ^= 1
await writeFile(path('container.ctry'), bytes)
await writeFile(path('flipped.ctry'), flipped)
await writeFile(path('good.key'), wrappedKey)
await writeFile(path('identity.json'), JSON.stringify([pair.identity]))

/** Runs a script in a shell that has `consentry` and its settings. A pipeline has the exit code of the command. */
function shell(script: string) {
  const command = `consentry() { "${process.execPath}" "${compiled('cli')}" "$@"; }; set -o pipefail; ${script}`
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', command], {
    cwd: dir,
    env: {
      PATH: process.env['PATH'] ?? '',
      NO_COLOR: '1',
      SUDO_USER: 'tester',
      CONSENTRY_DATA: path('data'),
      CONSENTRY_IDENTITY: path('identity.json'),
    },
  })
  return { status, out: stdout, err: stderr.toString() }
}
const opening = (name = 'container') => `consentry open ${name}.ctry --key good.key`

const plain = shell(`${opening()} -o plain.wav`)
const wav = readFileSync(path('plain.wav'))

t.test('open writes a file that only its owner can read', async t => {
  t.match(plain, { status: 0, err: '' })
  t.equal(wav.length, 44 + 90_000 * 4)
  t.equal(statSync(path('plain.wav')).mode & 0o777, 0o600)
})

t.test('open writes to a standard output of any kind, and its messages to standard error', async t => {
  for (const [kind, into] of Object.entries({
    socket: '',
    pipe: '| cat',
    file: '> std.wav; code=$?; cat std.wav; exit $code',
  })) {
    const { status, out, err } = shell(`${opening()} -o /dev/stdout ${into}`)
    t.ok(out.equals(wav), kind)
    t.match({ status, err }, { status: 0, err: /^\/dev\/stdout: 11\.25 s\npart 1 of recording / }, kind)
  }
  const added = shell(`echo before > add.wav; ${opening()} -o /dev/stdout --json >> add.wav`)
  t.match(JSON.parse(added.err), { file: '/dev/stdout', complete: true })
  t.ok(readFileSync(path('add.wav')).equals(Buffer.concat([Buffer.from('before\n'), wav])))
  const refused = shell(`${opening('flipped')} -o /dev/stdout`)
  t.match(refused, { status: 1, out: { length: 0 }, err: /not authentic|not right/ })
})

t.test('open writes into a named pipe, and to the target of a link', async t => {
  execFileSync('mkfifo', [path('pipe')])
  const { status, out } = shell(`cat pipe & ${opening()} -o pipe >/dev/null; code=$?; wait; exit $code`)
  t.equal(status, 0)
  t.ok(out.equals(wav))
  t.ok(lstatSync(path('pipe')).isFIFO())
  symlinkSync('behind.wav', path('link.wav'))
  t.match(shell(`${opening()} -o link.wav`), { status: 0 })
  t.ok(lstatSync(path('link.wav')).isSymbolicLink())
  t.ok(readFileSync(path('behind.wav')).equals(wav))
})

t.test(
  'a standard output that cannot be written is reported in one line, and a reader that has left is not reported',
  async t => {
    const full = /^consentry: standard output cannot be written: ENOSPC: no space left on device\n$/
    t.match(shell('consentry --help > /dev/full'), { status: 1, err: full })
    t.match(shell('consentry keygen service --dir new > /dev/full'), { status: 1, err: full })
    t.match(shell('consentry --help | sleep 1'), { status: 0, err: '' })
    t.match(shell('consentry bogus > /dev/full'), { status: 2, err: /no verb "bogus"/ })
    t.match(shell(`${opening()} -o /dev/stdout > /dev/full`), {
      status: 1,
      err: /^consentry: \/dev\/stdout cannot be written: ENOSPC\n$/,
    })
    t.ok(statSync('/dev/full').isCharacterDevice())
    t.match(shell('consentry --help | true'), { status: 0, err: '' })
    t.match(shell(`${opening()} -o /dev/stdout | head -c 4`), { status: 1, err: '' })
  },
)
