// Real: the checks of settings, their files and addresses. Fake: the service (none runs).

import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { readConfig, warnAboutSettings } from '../../../../src/config/config.js'
import { findSettings } from '../../../../src/config/settings-file.js'
import { assertFound, assertSound, look, NEEDED, type Planted } from '../../../support/check/planted.js'
import { identity, recipient } from '../../../support/data/config.js'
import { createWarningLog } from '../../../support/fakes/warning-log.js'

const mistakes: Record<string, Omit<Planted, 'check'>> = {
  'a typo in a name': {
    settings: { CONSENTRY_KEYSTOR: 'file:/keys' },
    ...{ setting: /^CONSENTRY_KEYSTOR$/, remedy: /CONSENTRY_KEYSTORE/ },
  },
  'a name that means nothing': {
    settings: { CONSENTRY_COLOUR_OF_THE_SKY: 'blue' },
    ...{ setting: /COLOUR_OF_THE_SKY/, remedy: /Take it out/ },
  },
  'a path that does not exist': {
    settings: { CONSENTRY_RECIPIENTS: '/nowhere/recipients.json' },
    ...{ setting: /^CONSENTRY_RECIPIENTS$/, remedy: /no such file: \/nowhere\/recipients\.json/ },
  },
  'no number': {
    settings: { CONSENTRY_MAX_LAG: 'soon' },
    ...{ setting: /^CONSENTRY_MAX_LAG$/, remedy: /whole number/ },
  },
  'a secret in two places': {
    settings: { ARI_PASSWORD_FILE: '/run/credentials/none' },
    ...{ setting: /ARI_PASSWORD/, remedy: /one of them/ },
  },
  "the owner's URL": {
    settings: { DATABASE_ADMIN_URL: 'postgres://owner:x@127.0.0.1/consentry' },
    ...{ setting: /^DATABASE_ADMIN_URL$/, remedy: /nset it/ },
  },
  'a password that would cross the network': {
    settings: { ARI_URL: 'http://192.0.2.5:8088' },
    ...{ setting: /^ARI_URL$/, remedy: /https/ },
  },
  'the secret key on this machine': {
    settings: { CONSENTRY_IDENTITY: JSON.stringify([identity]) },
    ...{ setting: /^CONSENTRY_IDENTITY$/, found: /secret key/ },
  },
  'a console without a role': {
    settings: {
      DATABASE_URL: 'postgres://consentry:x@127.0.0.1/consentry',
      CONSENTRY_CONSOLE: '127.0.0.1:1',
    },
    ...{ setting: /^DATABASE_CONSOLE_URL$/, remedy: /CONSENTRY_CONSOLE=off/ },
  },
  'phones of the company that are not known': {
    settings: { CONSENTRY_INSIDE: undefined },
    ...{ setting: /^CONSENTRY_INSIDE$/, found: /pauses the recording\.$/, remedy: /PJSIP\/7\*/, weak: true },
  },
  'a tap folder in a store': {
    settings: { CONSENTRY_TAP_DIR: '/srv/keys/tap', CONSENTRY_KEYSTORE: 'file:/srv/keys' },
    ...{ setting: /CONSENTRY_TAP_DIR/, remedy: /folder of its own/ },
  },
}

for (const [mistake, planted] of Object.entries(mistakes))
  t.test(`settings: ${mistake}`, t => assertFound(t, mistake, { check: 'settings', ...planted }))

t.test('sound settings are sound, and further checks do not look at wrong ones', async t => {
  await assertSound(t, 'settings', { settings: { CONSENTRY_DATA: t.testdir({}) } })
  const { state, said } = await look('keys', { settings: { CONSENTRY_MAX_LAG: 'soon' } })
  t.equal(state, 'unknown')
  t.match(said, /CONSENTRY_MAX_LAG/)
})

t.test('the service warns of unknown phones of the company in the words of the check', async t => {
  const { log, warnings } = createWarningLog()
  warnAboutSettings(readConfig(NEEDED), log)
  t.strictSame(warnings, [], 'it does not where they are known')
  const settings = { ...NEEDED, CONSENTRY_INSIDE: undefined }
  warnAboutSettings(readConfig(settings), log)
  const { state, said } = await look('settings', { settings })
  t.strictSame({ state, said }, { state: 'fault', said: `${warnings[0]}.` })
})

t.test('several mistakes are all named', async t => {
  const { faults } = await look('settings', { settings: { CONSENTRY_MAX_LAG: 'soon', ARI_URL: 'pbx' } })
  t.strictSame(faults.map(({ setting }) => setting).sort(), ['ARI_URL', 'CONSENTRY_MAX_LAG'])
})

t.test('files that others may read or change are found', async t => {
  const dir = t.testdir({
    'consentry.env': '',
    'recipients.json': JSON.stringify([recipient]),
    secret: 'hush',
  })
  const [file, recipients, secret] = ['consentry.env', 'recipients.json', 'secret'].map(name =>
    join(dir, name),
  ) as [string, string, string]
  chmodSync(file, 0o640)
  chmodSync(recipients, 0o644)
  chmodSync(secret, 0o600)
  const settings = { CONSENTRY_RECIPIENTS: recipients, ARI_PASSWORD_FILE: secret }
  const looked = { settings, settingsFile: file }
  await assertSound(t, 'settings-file', looked)
  const check = 'settings-file' as const
  chmodSync(file, 0o644)
  await assertFound(t, 'settings open to all', {
    ...looked,
    check,
    setting: /consentry\.env/,
    remedy: /0640/,
  })
  chmodSync(file, 0o640)
  chmodSync(secret, 0o604)
  await assertFound(t, 'a secret open to all', { ...looked, check, setting: /secret$/, found: /passwords/ })
  chmodSync(secret, 0o600)
  chmodSync(recipients, 0o666)
  await assertFound(t, 'recipients', {
    ...looked,
    check,
    setting: /CONSENTRY_RECIPIENTS/,
    found: /let themselves in/,
  })
  t.equal((await look(check, {})).state, 'unknown', 'the environment has no modes')
})

t.test('an address that is taken, or of another machine, is found', async t => {
  const other = createServer().listen(0, '127.0.0.1')
  t.teardown(() => other.close())
  await once(other, 'listening')
  const taken = `127.0.0.1:${(other.address() as AddressInfo).port}`
  const settings = { CONSENTRY_DATA: t.testdir({}), CONSENTRY_HTTP: '127.0.0.1:0' }
  await assertSound(t, 'addresses', { settings })
  const check = 'addresses' as const
  await assertFound(t, 'a taken address', {
    ...{ check, settings: { ...settings, CONSENTRY_HTTP: taken } },
    ...{ setting: /^CONSENTRY_HTTP$/, found: /Another program listens/ },
  })
  await assertFound(t, 'a console elsewhere', {
    ...{ check, settings: { ...settings, CONSENTRY_CONSOLE: '192.0.2.7:8081' } },
    ...{ setting: /^CONSENTRY_CONSOLE$/, remedy: /address of this machine/ },
  })
})

t.test('a program that is not there is found', async t => {
  const settings = { CONSENTRY_FFMPEG: '/nowhere/ffmpeg' }
  await assertFound(t, 'no ffmpeg', {
    check: 'programs',
    settings,
    setting: /CONSENTRY_FFMPEG/,
    remedy: /nstall ffmpeg/,
  })
  await assertSound(t, 'programs', { settings: { CONSENTRY_FFMPEG: '/bin/true' } })
})

t.test('a program that does not answer, as on a busy machine, is not called missing', async t => {
  const slow = join(t.testdir({ ffmpeg: '#!/bin/sh\nexec sleep 60\n' }), 'ffmpeg')
  chmodSync(slow, 0o755)
  t.match(await look('programs', { settings: { CONSENTRY_FFMPEG: slow } }), {
    state: 'unknown',
    said: /has not said its version/,
  })
})

t.test('settings come from a file that is named, or else from the environment', async t => {
  const dir = t.testdir({
    'a.env':
      '# a comment\nARI_USERNAME=consentry\nexport CONSENTRY_DATA="/var/lib/\\"x\\""\nARI_PASSWORD=\'a b\'\n',
  })
  const file = join(dir, 'a.env')
  const { settings } = findSettings({ PATH: '/bin', ARI_USERNAME: 'other' }, file)
  t.strictSame(settings, {
    ...{ PATH: '/bin', ARI_USERNAME: 'consentry', CONSENTRY_DATA: '/var/lib/"x"', ARI_PASSWORD: 'a b' },
  })
  t.strictSame(findSettings({ ARI_USERNAME: 'other' }, undefined).settings, { ARI_USERNAME: 'other' })
  t.throws(() => findSettings({}, join(dir, 'none.env')), { code: 'config.invalid', message: /none\.env/ })
})
