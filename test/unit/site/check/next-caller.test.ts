// Real: the checks, certificates. Fake: the machine, its Asterisk and what the service says.
// What keeps the next caller from being recorded is found.
import { execFileSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import type { LinePolicy } from '../../../../src/core/policy.js'
import { version } from '../../../../src/lib/process/project.js'
import { assertFound, assertSound, type Looked, look } from '../../../support/check/planted.js'
import { fakeHost, SOUND_ASTERISK } from '../../../support/fakes/fake-host.js'

const UNIT = 'usr/lib/systemd/system'
const WANTED = 'etc/systemd/system/multi-user.target.wants'
const NUMBER = '4951234567'
const GOSUB = `[from-trunk]\nexten => ${NUMBER},1,Gosub(consentry,s,1)\n`
const SHOWN = `[ Context 'from-trunk' ]\n  '${NUMBER}' => 1. Gosub(consentry,s,1)\n`
const TRUNK = '[trunk]\ntype = endpoint\ncontext = from-trunk\n'

const service = async () => ({ pid: 1, version, keeper: { running: true, heldBytes: 0 } })
const lines = async () =>
  [{ number: NUMBER, mode: 'key', purposes: [{}], keys: {} }] as unknown as LinePolicy[]

/** An Asterisk with these files, whose console says this of the dialplan that runs. */
function pbx(t: Test, { files, shown }: { files: Record<string, string>; shown: string }): Looked {
  const own = Object.entries(files).map(([name, text]) => [`etc/asterisk/${name}`, text])
  const host = fakeHost(t, {
    files: { 'etc/asterisk/asterisk.conf': '', ...Object.fromEntries(own) },
    processes: { 30: { ...SOUND_ASTERISK, says: shown } },
  })
  return { host, parts: { lines } }
}

t.test('a service without a keeper', async t => {
  const check = 'keepers' as const
  await assertFound(t, 'no keeper', {
    ...{ check, setting: /^consentry-keeper\.service$/, found: /no call is recorded/ },
    parts: { service: async () => ({ pid: 1, version, keeper: { running: false, heldBytes: 0 } }) },
  })
  t.equal((await look(check, { parts: { service: async () => undefined } })).state, 'unknown')
})

t.test('units that no start of the machine starts', async t => {
  const unit = (name: string) => ({ [`${UNIT}/${name}.service`]: '' })
  const wanted = (name: string) => ({ [`${WANTED}/${name}.service`]: '' })
  const both = { ...unit('consentry'), ...unit('consentry-keeper') }
  const sound = { ...both, ...wanted('consentry'), ...wanted('consentry-keeper') }
  await assertSound(t, 'service', { host: fakeHost(t, { files: sound }), parts: { service } })
  await assertSound(t, 'service', { host: fakeHost(t, {}), parts: { service } })
  await assertFound(t, 'the keeper', {
    ...{ check: 'service', setting: /^consentry-keeper\.service$/, remedy: /^systemctl enable/ },
    ...{ host: fakeHost(t, { files: { ...both, ...wanted('consentry') } }), parts: { service } },
  })
})

t.test('a line in force to which nothing hands calls over', async t => {
  const check = 'gosub' as const
  const sound = { files: { 'extensions.conf': GOSUB }, shown: SHOWN }
  await assertSound(t, check, pbx(t, sound))
  await assertFound(t, 'no Gosub', {
    ...{ check, setting: /^Gosub\(consentry,s,1\)/, found: /4951234567/ },
    ...pbx(t, { files: { 'extensions.conf': '[from-trunk]\n' }, shown: '[ Context]' }),
  })
  await assertFound(t, 'not reloaded', {
    ...{ check, setting: /^dialplan reload$/, found: /not reloaded.*4951234567/ },
    ...pbx(t, { ...sound, shown: '' }),
  })
  const none = { ...pbx(t, { files: {}, shown: '' }), parts: { lines: async () => [] } }
  await assertSound(t, check, none)
})

t.test('endpoints whose callers cannot answer, or are heard past Asterisk', async t => {
  const check = 'asterisk-files' as const
  const files = (more: string) => ({ 'extensions.conf': GOSUB, 'pjsip.conf': `${TRUNK}${more}` })
  const endpoint = (more: string) => pbx(t, { files: files(more), shown: SHOWN })
  await assertSound(t, check, endpoint('direct_media = no\n'))
  await assertFound(t, 'no keys', {
    ...{ check, setting: /^dtmf_mode \(pjsip\.conf, trunk\)/ },
    ...endpoint('direct_media = no\ndtmf_mode = none\n'),
  })
  await assertFound(t, 'direct media', { check, setting: /^direct_media/, weak: true, ...endpoint('') })
  const inHouse = { 'extensions.conf': GOSUB, 'pjsip.conf': TRUNK.replace('from-trunk', 'default') }
  await assertSound(t, check, pbx(t, { files: inHouse, shown: SHOWN }))
})

t.test('a password of ARI that every user of the machine may read', async t => {
  const check = 'asterisk-files' as const
  const files = {
    'ari.conf': '[general]\nenabled = yes\nwebsocket_write_timeout = 1000\n[consentry]\npassword = x\n',
  }
  const closed = pbx(t, { files, shown: SHOWN })
  const file = join(closed.host!.root, 'etc/asterisk/ari.conf')
  // Temporary folders are closed to others.
  chmodSync(dirname(closed.host!.root), 0o711)
  chmodSync(file, 0o640)
  await assertSound(t, check, closed)
  chmodSync(file, 0o664)
  await assertFound(t, 'open', { check, setting: /ari\.conf$/, found: /password of ARI/, ...closed })
})

t.test('a certificate of the console that has ended, or soon ends', async t => {
  const dir = t.testdir({})
  const at = (days: number) =>
    `${new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]|\..*/g, '')}Z`
  const certificate = (days: number) => {
    const path = join(dir, `${days}.pem`)
    const ends = ['-not_before', at(-90), '-not_after', at(days), '-keyout', join(dir, 'key'), '-out', path]
    const words = ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-subj', '/CN=test', ...ends]
    execFileSync('openssl', words, { stdio: 'ignore' })
    return { settings: { CONSENTRY_CONSOLE_CERTIFICATE: path } }
  }
  const check = 'settings-file' as const
  await assertSound(t, check, certificate(90))
  const setting = /^CONSENTRY_CONSOLE_CERTIFICATE$/
  await assertFound(t, 'ends soon', { check, setting, weak: true, ...certificate(3) })
  await assertFound(t, 'ended', { check, setting, found: /ended on \d{4}/, ...certificate(-1) })
})
