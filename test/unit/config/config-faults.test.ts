// Real: the parser of the settings. Fake: the environment.
import t from 'tap'
import { configFault, identity, pbx, recipient } from '../../support/data/config.js'

t.test('each fault is refused, and the message names the variable and says what to give', async t => {
  const cases: [Record<string, string>, RegExp][] = [
    [{ DATABASE_URL: 'mysql://a/b' }, /DATABASE_URL: give postgres:/],
    [{ DATABASE_URL: 'postgres://db:5432/consentry' }, /DATABASE_URL: it names no role: give postgres:/],
    [{ DATABASE_URL: 'postgres://:secret@db/consentry' }, /DATABASE_URL: it names no role: give postgres:/],
    [{ DATABASE_URL: 'postgres://a:pass/word@db/consentry' }, /DATABASE_URL: it is not a valid URL: .*%2F/],
    [{ DATABASE_URL: 'postgres://a@/consentry?host=/run/postgresql', ARI_APP: '?' }, /valid\.\n {2}ARI_APP/],
    [{ CONSENTRY_NODE: 'two words' }, /CONSENTRY_NODE: give letters/],
    [{ CONSENTRY_REPLACES: 'north' }, /CONSENTRY_REPLACES: give the id/],
    [{ CONSENTRY_LOG_LEVEL: 'loud' }, /CONSENTRY_LOG_LEVEL: /],
    [{ CONSENTRY_HTTP: '8080' }, /CONSENTRY_HTTP: give host:port/],
    [{ CONSENTRY_HTTP: ':8080' }, /CONSENTRY_HTTP: /],
    [{ CONSENTRY_CONSOLE_ORIGIN: 'consentry.example' }, /CONSENTRY_CONSOLE_ORIGIN: give https:/],
    [{ CONSENTRY_CONSOLE_ORIGIN: 'https://a/b' }, /CONSENTRY_CONSOLE_ORIGIN: give https:/],
    [{ CONSENTRY_CONSOLE_KEY: '/etc/consentry/tls.key' }, /give both, or neither/],
    [{ CONSENTRY_CONSOLE_PROXIES: '10.0.0.5,proxy' }, /CONSENTRY_CONSOLE_PROXIES: proxy is no address/],
    [{ CONSENTRY_CONSOLE_PROXIES: '10.0.0.0/33' }, /CONSENTRY_CONSOLE_PROXIES: /],
    [{ CONSENTRY_CONSOLE_SECOND_FACTOR: 'no' }, /CONSENTRY_CONSOLE_SECOND_FACTOR: /],
    [{ CONSENTRY_HTTP: '127.0.0.1:99999' }, /CONSENTRY_HTTP: /],
    [{ CONSENTRY_STORE: '/srv/store' }, /CONSENTRY_STORE: give file:/],
    [{ CONSENTRY_STORE: 'file://host/store' }, /CONSENTRY_STORE: /],
    [{ CONSENTRY_KEYSTORE: 's3://keys' }, /CONSENTRY_KEYSTORE: give file:/],
    [{ CONSENTRY_KEYSTORE: 'file:/a,file:/a' }, /CONSENTRY_KEYSTORE: /],
    [{ CONSENTRY_RECIPIENTS: '[{"purpose":' }, /CONSENTRY_RECIPIENTS: /],
    [{ CONSENTRY_RECIPIENTS: '[{}]' }, /CONSENTRY_RECIPIENTS \(0\.keyId\): /],
    [
      { CONSENTRY_RECIPIENTS: JSON.stringify([{ ...recipient, publicKey: 'AAAA' }]) },
      /\(0\.publicKey\): must be 32 bytes/,
    ],
    [{ CONSENTRY_IDENTITY: JSON.stringify([identity, recipient]) }, /CONSENTRY_IDENTITY \(1\.secretKey\): /],
    [{ CONSENTRY_MAX_RECORDINGS: '-1' }, /CONSENTRY_MAX_RECORDINGS: give a whole number from 0/],
    [{ CONSENTRY_MAX_LAG: '10' }, /CONSENTRY_MAX_LAG: give a whole number from 50 to 999999999, in ms/],
    [{ CONSENTRY_MAX_LAG: '9999999999' }, /from 50 to 999999999/],
    [{ CONSENTRY_SILENT_LEG: '5' }, /CONSENTRY_SILENT_LEG: give a whole number from 6 to 999999999, in s: /],
    [{ CONSENTRY_PERSONAL_DAYS: '0' }, /CONSENTRY_PERSONAL_DAYS: give a whole number of days from 1 to 3660/],
    [{ CONSENTRY_LINE_APPROVAL: 'yes' }, /CONSENTRY_LINE_APPROVAL: .*"off"\|"required"/],
    [{ CONSENTRY_RING_ENDPOINTS: 'anna' }, /CONSENTRY_RING_ENDPOINTS: anna is no phone: give PJSIP/],
    [{ CONSENTRY_INSIDE: '7*' }, /CONSENTRY_INSIDE: 7\* is no phone: give PJSIP/],
    [{ CONSENTRY_INSIDE: 'PJSIP/7*,!carrier' }, /CONSENTRY_INSIDE: !carrier is no phone: /],
    [{ CONSENTRY_INSIDE: 'context:' }, /CONSENTRY_INSIDE: context: is no phone: .*context:from-internal/],
    [{ CONSENTRY_INSIDE: '!context:from-trunk' }, /CONSENTRY_INSIDE: !context:from-trunk is no phone: /],
    [{ CONSENTRY_RING_ENDPOINTS: '!PJSIP/anna' }, /CONSENTRY_RING_ENDPOINTS: !PJSIP\/anna is no phone: /],
    [{ CONSENTRY_RING_ENDPOINTS: 'PJSIP/a&PJSIP/b' }, /CONSENTRY_RING_ENDPOINTS: /],
    [{ CONSENTRY_PERSONAL_DAYS: '3661' }, /from 1 to 3660/],
    [{ ARI_URL: 'pbx:8088' }, /ARI_URL: give http/],
    [{ ARI_URL: 'http://user:word@pbx:8088' }, /ARI_URL: .*without user and password/],
    [{ ARI_APP: 'a,b' }, /ARI_APP: /],
  ]
  for (const [env, expected] of cases) t.match(configFault({ ...pbx, ...env }), expected, JSON.stringify(env))
})

t.test('data folder and tap folder are refused inside a store or key store', async t => {
  const apart = {
    CONSENTRY_STORE: 'file:/srv/store',
    CONSENTRY_KEYSTORE: 'service=file:/a,file:///b x=file:/c',
  }
  t.equal(configFault({ ...apart, CONSENTRY_DATA: '/srv', CONSENTRY_TAP_DIR: '/bc' }, 'tool'), 'taken')
  t.match(
    configFault({ ...apart, CONSENTRY_DATA: '/srv/store' }, 'tool'),
    /CONSENTRY_DATA is \/srv\/store, inside/,
  )
  for (const folder of ['/b', '/c/tap'])
    t.match(
      configFault({ ...apart, CONSENTRY_TAP_DIR: folder }, 'tool'),
      /CONSENTRY_TAP_DIR .*folder of its own/,
    )
})

t.test('the service needs access to the PBX, and other commands do not', async t => {
  const owner = { ...pbx, DATABASE_ADMIN_URL: 'postgres://owner@a/b' }
  t.match(configFault(owner), /DATABASE_ADMIN_URL: unset it for the service/)
  t.equal(configFault(owner, 'tool'), 'taken')
  t.match(configFault({}), /ARI_USERNAME: .*\n.*ARI_PASSWORD: /)
  t.equal(configFault({}, 'tool'), 'taken')
})

t.test('the message has all faults', async t => {
  const message = configFault({ CONSENTRY_HTTP: 'x', ARI_APP: '?' })
  for (const name of ['CONSENTRY_HTTP', 'ARI_APP', 'ARI_USERNAME', 'ARI_PASSWORD']) t.match(message, name)
})
