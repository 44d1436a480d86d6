// Real: the parser of the settings. Fake: the environment.
import { chownSync, existsSync, mkdirSync, rmdirSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { inspect } from 'node:util'
import t from 'tap'
import { readConfig } from '../../../src/config/config.js'
import { configFault, identity, pbx, recipient } from '../../support/data/config.js'

const WITNESS = `witness.example.org/w1+530d903a+${'A'.repeat(44)}`
const operator = { name: 'Ромашка', address: 'Moscow' }

t.test('each setting has its default', async t => {
  const { ari, ...config } = readConfig(pbx)
  const data = resolve('var')
  t.strictSame(config, {
    data,
    ...{ node: hostname(), replaces: undefined },
    logLevel: 'info',
    http: { host: '127.0.0.1', port: 8080 },
    console: { host: '127.0.0.1', port: 8081 },
    consoleOrigin: undefined,
    consoleTls: undefined,
    consoleProxies: [],
    secondFactor: 'required',
    database: { url: undefined, consoleUrl: undefined },
    tapDir: existsSync('/run/consentry/tap')
      ? '/run/consentry/tap'
      : `/dev/shm/consentry-${userInfo().uid}-8080`,
    keeperSocket: undefined,
    store: `file:${data}/store`,
    keystore: `file:${data}/keys`,
    recipients: [],
    recipientsFile: `${data}/recipients.json`,
    identities: undefined,
    ffmpeg: 'ffmpeg',
    speechUrl: undefined,
    insideHosts: [],
    operator: undefined,
    chromium: 'chromium',
    hearing: { host: '127.0.0.1', streams: 20, root: '/', vosk: {}, insideHosts: [], sherpa: {} },
    promptDir: `${data}/prompts`,
    apiToken: undefined,
    unknownNames: [],
    personalDays: 30,
    lineApproval: 'off',
    ringEndpoints: [],
    ringNames: [],
    inside: [],
    pbxRecords: 'alarm',
    schedules: { retention: '17 * * * *', audit: '43 3 * * *' },
    probes: { lines: [], cron: '7 * * * *', context: 'consentry-probe-call' },
    limits: { maxRecordings: Number.POSITIVE_INFINITY, maxLagMs: 300, silentLegMs: 30_000 },
    log: {
      dir: `${data}/log`,
      keyFile: `${data}/log.key`,
      origin: `${hostname()}/consentry`,
      witness: undefined,
      timestamps: undefined,
    },
  })
  t.match(ari, { url: 'http://127.0.0.1:8088', username: 'consentry', app: 'consentry' })
  t.equal(ari.password.reveal(), 'hush')
})

t.test('an empty variable counts as not set', async t => {
  const names = [
    'DATABASE_URL',
    'CONSENTRY_DATA',
    'CONSENTRY_HTTP',
    'CONSENTRY_RECIPIENTS',
    'CONSENTRY_STORE',
  ]
  const empty = Object.fromEntries(names.map(name => [name, '']))
  t.strictSame(readConfig({ ...pbx, ...empty }), readConfig(pbx))
})

t.test(
  'an unknown name that begins like ours is reported, with the most similar setting, and has no effect',
  async t => {
    const misspelt: [name: string, meant: string | undefined][] = [
      ['CONSENTRY_DATABASE_URL', 'DATABASE_URL'],
      ['CONSENTRY_KEY_STORE', 'CONSENTRY_KEYSTORE'],
      ['CONSENTRY_MAX_RECORDING', 'CONSENTRY_MAX_RECORDINGS'],
      ['CONSENTRY_RECIPEINTS', 'CONSENTRY_RECIPIENTS'],
      ['CONSENTRY_SOMETHING_ELSE', undefined],
    ]
    const set = Object.fromEntries(misspelt.map(([name]) => [name, 'postgres://a:secret@b/c']))
    const others = { CONSENTRY_STOR: '', ARI_APPS: 'x', PATH: '/bin' }
    const { unknownNames, ...config } = readConfig({ ...pbx, ...set, ...others })
    t.strictSame(
      unknownNames,
      misspelt.map(([name, meant]) => ({ name, meant })),
      'they are in order and without values; empty and foreign variables are not among them',
    )
    const { unknownNames: none, ...plain } = readConfig(pbx)
    t.strictSame([config, none], [plain, []])
  },
)

t.test('each variable sets its setting', async t => {
  const config = readConfig({
    DATABASE_URL: 'postgres://consentry:one@db:5432/consentry',
    CONSENTRY_DATA: 'some/data',
    CONSENTRY_NODE: 'hall-2.pbx',
    CONSENTRY_REPLACES: '3f1c0c1e-0d3b-4c43-8f52-7b1d1c9a1e0b',
    CONSENTRY_LOG_LEVEL: 'debug',
    CONSENTRY_HTTP: '[::1]:9090',
    CONSENTRY_CONSOLE: '[::1]:9091',
    CONSENTRY_CONSOLE_ORIGIN: 'https://consentry.example/',
    CONSENTRY_CONSOLE_CERTIFICATE: '/etc/consentry/tls.crt',
    CONSENTRY_CONSOLE_KEY: '/etc/consentry/tls.key',
    CONSENTRY_CONSOLE_PROXIES: '10.0.0.5, fd00::/8',
    CONSENTRY_CONSOLE_SECOND_FACTOR: 'optional',
    DATABASE_CONSOLE_URL: 'postgres://console:two@db:5432/consentry',
    CONSENTRY_TAP_DIR: '/run/tap',
    CONSENTRY_KEEPER_SOCKET: '/run/keeper.sock',
    CONSENTRY_STORE: 'file:///srv/store',
    CONSENTRY_KEYSTORE: 'file:/a, file:b',
    CONSENTRY_RECIPIENTS: JSON.stringify([recipient]),
    CONSENTRY_IDENTITY: JSON.stringify([identity]),
    CONSENTRY_FFMPEG: '/opt/ffmpeg',
    CONSENTRY_SPEECH_URL: 'http://127.0.0.1:5002/say',
    CONSENTRY_EAR_HOST: '::1',
    CONSENTRY_EAR_STREAMS: '7',
    CONSENTRY_SPEECH_MODELS: '/opt/sphinx',
    CONSENTRY_VOSK_RU: 'ws://127.0.0.1:2700',
    CONSENTRY_VOSK_EN: 'wss://vosk.example/en',
    CONSENTRY_SHERPA_RU: 'tone-ctc:/srv/t-one',
    CONSENTRY_PROMPTS: '/srv/prompts',
    CONSENTRY_API_TOKEN: 'sixteen-letters-or-more',
    CONSENTRY_OPERATOR: JSON.stringify(operator),
    CONSENTRY_CHROMIUM: '/opt/chromium',
    CONSENTRY_RETENTION_CRON: '*/5 * * * *',
    CONSENTRY_AUDIT_CRON: '0 30 2 * * sun',
    CONSENTRY_PERSONAL_DAYS: '3660',
    CONSENTRY_LINE_APPROVAL: 'required',
    CONSENTRY_RING_ENDPOINTS: 'PJSIP/anna, PJSIP/701@trunk,PJSIP/anna=Анна (приёмная)',
    CONSENTRY_PROBE_LINES: '100, *55,100',
    CONSENTRY_PROBE_CRON: '*/15 8-20 * * *',
    CONSENTRY_PROBE_CONTEXT: 'from-trunk',
    CONSENTRY_INSIDE: 'PJSIP/7*, !PJSIP/7@carrier*,context:from-internal',
    CONSENTRY_PBX_RECORDS: 'stop',
    CONSENTRY_MAX_RECORDINGS: '250',
    CONSENTRY_MAX_LAG: '80',
    CONSENTRY_SILENT_LEG: '6',
    CONSENTRY_LOG_ORIGIN: 'log.example.org/calls',
    CONSENTRY_LOG_KEY: '/srv/log.key',
    CONSENTRY_WITNESS_URL: 'https://witness.example.org/',
    CONSENTRY_INSIDE_HOSTS: 'Witness.corp.example, time.example.org',
    CONSENTRY_WITNESS_KEY: WITNESS,
    CONSENTRY_TIMESTAMP_URL: 'https://time.example.org/tsr',
    ARI_URL: 'https://pbx:8089/',
    ARI_USERNAME: 'ari',
    ARI_PASSWORD: 'word',
    ARI_APP: 'recorder',
  })
  const { database, ari, recipients, identities, apiToken, ...rest } = config
  t.equal(apiToken?.reveal(), 'sixteen-letters-or-more')
  t.equal(database.url?.reveal(), 'postgres://consentry:one@db:5432/consentry')
  t.equal(database.consoleUrl?.reveal(), 'postgres://console:two@db:5432/consentry')
  t.strictSame(recipients, [{ ...recipient, publicKey: new Uint8Array(32).fill(1) }])
  t.strictSame(JSON.parse(identities!.reveal()), [identity])
  t.match(ari, { url: 'https://pbx:8089', username: 'ari', app: 'recorder' })
  t.strictSame(rest, {
    unknownNames: [],
    data: resolve('some/data'),
    ...{ node: 'hall-2.pbx', replaces: '3f1c0c1e-0d3b-4c43-8f52-7b1d1c9a1e0b' },
    logLevel: 'debug',
    http: { host: '::1', port: 9090 },
    console: { host: '::1', port: 9091 },
    consoleOrigin: 'https://consentry.example',
    consoleTls: { certificate: '/etc/consentry/tls.crt', key: '/etc/consentry/tls.key' },
    consoleProxies: ['10.0.0.5', 'fd00::/8'],
    secondFactor: 'optional',
    tapDir: '/run/tap',
    keeperSocket: '/run/keeper.sock',
    store: 'file:/srv/store',
    keystore: `file:/a,file:${resolve('b')}`,
    recipientsFile: undefined,
    ffmpeg: '/opt/ffmpeg',
    speechUrl: 'http://127.0.0.1:5002/say',
    insideHosts: ['witness.corp.example', 'time.example.org'],
    hearing: {
      ...{ host: '::1', streams: 7, root: '/opt/sphinx' },
      vosk: { ru: 'ws://127.0.0.1:2700', en: 'wss://vosk.example/en' },
      insideHosts: ['witness.corp.example', 'time.example.org'],
      sherpa: { ru: { kind: 'tone-ctc', folder: '/srv/t-one' } },
    },
    promptDir: '/srv/prompts',
    operator,
    chromium: '/opt/chromium',
    personalDays: 3660,
    lineApproval: 'required',
    ringEndpoints: ['PJSIP/anna', 'PJSIP/701@trunk'],
    ringNames: ['Анна (приёмная)', undefined],
    inside: ['PJSIP/7*', '!PJSIP/7@carrier*', 'context:from-internal'],
    pbxRecords: 'stop',
    schedules: { retention: '*/5 * * * *', audit: '0 30 2 * * sun' },
    probes: { lines: ['100', '*55'], cron: '*/15 8-20 * * *', context: 'from-trunk' },
    limits: { maxRecordings: 250, maxLagMs: 80, silentLegMs: 6_000 },
    log: {
      dir: resolve('some/data/log'),
      keyFile: '/srv/log.key',
      origin: 'log.example.org/calls',
      witness: {
        url: 'https://witness.example.org',
        key: WITNESS,
        inside: ['witness.corp.example', 'time.example.org'],
      },
      timestamps: {
        url: 'https://time.example.org/tsr',
        inside: ['witness.corp.example', 'time.example.org'],
      },
    },
  })
  t.equal(readConfig({ ...pbx, CONSENTRY_STORE: 's3://bucket/folder' }).store, 's3://bucket/folder')
})

t.test('no secret is printed, by the configuration or by a fault', async t => {
  const config = readConfig({
    ...pbx,
    DATABASE_URL: 'postgres://a:secret-word@b/c',
    ARI_PASSWORD: 'secret-word',
    CONSENTRY_API_TOKEN: 'secret-word-of-a-program',
    CONSENTRY_IDENTITY: JSON.stringify([identity]),
  })
  const message = configFault({
    ...pbx,
    ARI_PASSWORD: 'secret-word',
    DATABASE_URL: 'mysql://a:secret-word@b/c',
    ARI_URL: 'http://user:secret-word@pbx:8088',
    CONSENTRY_API_TOKEN: 'secret-word',
    CONSENTRY_IDENTITY: JSON.stringify([{ ...identity, purpose: '' }]),
  })
  for (const name of ['DATABASE_URL', 'ARI_URL', 'CONSENTRY_API_TOKEN', 'CONSENTRY_IDENTITY'])
    t.ok(message.includes(name), `${name} is refused`)
  for (const text of ['secret-word', identity.secretKey]) {
    t.notOk(inspect(config, { depth: 9 }).includes(text), 'inspected')
    t.notOk(JSON.stringify(config).includes(text), 'as JSON')
    t.notOk(message.includes(text), 'message')
  }
})

t.test('the configuration is frozen with all its parts', async t => {
  const config = readConfig({ ...pbx, CONSENTRY_RECIPIENTS: JSON.stringify([recipient]) })
  const frozen: Record<string, boolean> = {}
  const visit = (value: unknown, path: string): void => {
    // JavaScript cannot freeze the bytes of a key.
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
    frozen[path] = Object.isFrozen(value)
    for (const [name, inner] of Object.entries(value)) visit(inner, `${path}.${name}`)
  }
  visit(config, 'config')
  t.match(frozen, { config: true, 'config.ari.password': true, 'config.recipients.0': true })
  t.strictSame(
    Object.keys(frozen).filter(path => !frozen[path]),
    [],
  )
})

t.test('the operator, as JSON or in a file, is complete or refused', async t => {
  const operator = {
    name: 'ООО «Пример»',
    address: '101000, Москва, ул. Мясницкая, д. 1',
    processor: { name: 'ООО «Колл-центр»', address: 'Тверь' },
    officer: { name: 'Иванова И. И.', position: 'специалист' },
  }
  const read = (text: string) => readConfig({ CONSENTRY_OPERATOR: text }, 'tool').operator
  t.same(read(JSON.stringify(operator)), operator)
  const file = join(t.testdir({ 'operator.json': JSON.stringify(operator) }), 'operator.json')
  t.same(read(file), operator)
  t.match(
    configFault({ CONSENTRY_OPERATOR: '{"name": "Example"}' }, 'tool'),
    /CONSENTRY_OPERATOR \(address\)/,
  )
  t.match(configFault({ CONSENTRY_OPERATOR: '{"name": "x", "address": "y", "tel": "1"}' }, 'tool'), /tel/)
  t.match(configFault({ CONSENTRY_OPERATOR: '/nowhere.json' }, 'tool'), /docs\/rights\.md/)
})

// Only root can give a folder to another user.
if (process.geteuid?.() === 0 && !existsSync('/run/consentry/tap'))
  t.test('a tap folder whose name another user has taken is made in the data folder', async t => {
    const taken = `/dev/shm/consentry-${userInfo().uid}-3`
    const data = t.testdir({})
    const settings = { CONSENTRY_DATA: data, CONSENTRY_HTTP: '127.0.0.1:3' }
    t.equal(readConfig(settings, 'tool').tapDir, taken)
    mkdirSync(taken)
    t.teardown(() => rmdirSync(taken))
    chownSync(taken, 65_534, 65_534)
    t.equal(readConfig(settings, 'tool').tapDir, join(data, 'run', 'tap'))
  })
