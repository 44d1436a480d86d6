// Real: the checks, and the files of the lab's Asterisk. Fake: the processes, and files with a mistake.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { fillIn } from '../../../../lab/pbx/fill-template.js'
import type { LinePolicy } from '../../../../src/core/policy.js'
import type { HostPaths } from '../../../../src/lib/host/processes.js'
import { projectRoot } from '../../../../src/lib/process/project.js'
import { assertFound, assertSound, type Looked, look, type Planted } from '../../../support/check/planted.js'
import { type FakeProcess, fakeHost, SOUND_ASTERISK } from '../../../support/fakes/fake-host.js'

/** The configuration files of the lab's PBX, with a folder that is not there for their data. */
function soundFiles(): Record<string, string> {
  const folder = join(projectRoot(), 'asterisk', 'lab')
  const values = new Proxy(
    {},
    { get: (_, name) => (name === 'host' ? '127.0.0.1' : `/x/${String(name)}`), has: () => true },
  )
  const names = readdirSync(folder)
  const own = names.map(name => [
    `etc/asterisk/${name}`,
    fillIn(readFileSync(join(folder, name), 'utf8'), values)
      .replaceAll('/x/etc', '/etc/asterisk')
      .replace('/x/consentryConf', 'consentry.conf'),
  ])
  const dialplan = readFileSync(join(projectRoot(), 'asterisk', 'consentry.conf'), 'utf8')
  return { ...Object.fromEntries(own), 'etc/asterisk/consentry.conf': dialplan }
}

const lines = [{ keys: { yes: '1', no: '2', withdraw: '*9', pause: '*7' } }] as unknown as LinePolicy[]

/** A machine with the lab's files, in which some are changed. @param says answer of Asterisk's console, if it has one */
function withFiles(
  t: Test,
  changed: Record<string, string | ((was: string) => string)>,
  says: string | null = '',
): Looked & { host: HostPaths } {
  const files = soundFiles()
  for (const [name, change] of Object.entries(changed)) {
    const path = `etc/asterisk/${name}`
    files[path] = typeof change === 'string' ? change : change(files[path] ?? '')
  }
  return {
    host: fakeHost(t, { files, processes: { 30: { ...SOUND_ASTERISK, ...(says !== null && { says }) } } }),
    parts: { lines: async () => lines },
  }
}

const inFile: Record<
  string,
  [
    file: string,
    change: (was: string) => string,
    planted: Omit<Planted, 'check'> & Partial<Pick<Planted, 'check'>>,
  ]
> = {
  'a second [general] in ari.conf': [
    'ari.conf',
    was => `${was}\n[general]\nwebsocket_write_timeout = 3000\n`,
    { setting: /^\[general\] \(ari\.conf\)$/, found: /ari\.conf line \d+/, remedy: /\[general\]\(\+\)/ },
  ],
  'a second [general] in a file that http.conf includes': [
    'http.conf',
    was => `${was}\n#include cdr.conf\n`,
    { setting: /^\[general\] \(http\.conf\)$/, found: /cdr\.conf line/ },
  ],
  'ARI for the whole network': [
    'http.conf',
    was => was.replace('127.0.0.1', '0.0.0.0'),
    { setting: /^bindaddr/, found: /whole network/ },
  ],
  'HTTP switched off': [
    'http.conf',
    was => was.replace('enabled = yes', 'enabled = no'),
    { setting: /^enabled \(http/ },
  ],
  'ARI switched off': [
    'ari.conf',
    was => was.replace('enabled = yes', 'enabled = no'),
    { setting: /^enabled \(ari/ },
  ],
  'few sessions': ['http.conf', was => was.replace('2000', '100'), { setting: /^sessionlimit/, weak: true }],
  'a short time-out': [
    'ari.conf',
    was => was.replace('1000', '100'),
    { setting: /^websocket_write_timeout/, weak: true },
  ],
  'recordings in plain files': [
    'asterisk.conf',
    was => was.replace('cache_record_files = no', 'cache_record_files = yes'),
    { setting: /^cache_record_files/, found: /plain files/ },
  ],
  'dangerous functions': [
    'asterisk.conf',
    was => was.replace('live_dangerously = no', 'live_dangerously = yes'),
    { setting: /^live_dangerously/ },
  ],
  'core files': [
    'asterisk.conf',
    was => was.replace('dumpcore = no', 'dumpcore=yes'),
    { setting: /^dumpcore/ },
  ],
  'a feature on star nine': [
    'features.conf',
    was => `${was}\n[featuremap](+)\natxfer => *9\n`,
    { setting: /^atxfer \(features\.conf\)/, found: /\*9/ },
  ],
  'a disconnect on the star alone, which takes both of our keys': [
    'features.conf',
    was => `${was}\n[applicationmap]\nstop => *7,self,Hangup\n`,
    { setting: /^stop/, found: /\*7/ },
  ],
  'a queue that records': [
    'queues.conf',
    was => `${was}\n[support]\nmonitor-format = wav\n`,
    { check: 'pbx-recording', setting: /^monitor-format/, found: /support/ },
  ],
  'recording forced by FreePBX': [
    'extensions.conf',
    was => `${was}\n[ext-queues]\nexten => 600,n,Gosub(sub-record-check,s,1(q,600,force))\n`,
    { check: 'pbx-recording', setting: /^recording \(FreePBX\)/, found: /q 600/ },
  ],
  'a dialplan file that is gone': [
    'extensions.conf',
    was => `${was}\n#include /nowhere/consentry.conf\n`,
    { setting: /^#include/, found: /\/nowhere\/consentry\.conf/ },
  ],
}

for (const [mistake, [file, change, planted]] of Object.entries(inFile))
  t.test(`files of Asterisk: ${mistake}`, async t => {
    await assertFound(t, mistake, {
      check: 'asterisk-files',
      ...withFiles(t, { [file]: change }),
      ...planted,
    })
  })

/** Files as FreePBX lays them out: generated, included, with the settings of the web pages. */
const generated = (dialplan: string, features = 'disconnect=**\n'): Record<string, string> => ({
  'extensions.conf':
    '#include extensions_override_freepbx.conf\n#include extensions_additional.conf\n#include extensions_custom.conf\n',
  'extensions_override_freepbx.conf': '',
  'extensions_additional.conf': dialplan,
  'extensions_custom.conf': '#include consentry.conf\n',
  'features.conf':
    '[general]\n#include features_general_additional.conf\n[applicationmap]\n#include features_applicationmap_additional.conf\n' +
    '[featuremap]\n#include features_featuremap_additional.conf\n',
  'features_general_additional.conf': 'pickupexten=*8\n',
  'features_applicationmap_additional.conf': 'apprecord=*1,caller,Gosub(macro-one-touch-record,s,1)\n',
  'features_featuremap_additional.conf': features,
  'queues.conf': '[general]\npersistentmembers=yes\n#include queues_additional.conf\n',
  'queues_additional.conf': '[600]\nmember=Local/701@from-queue/n,0\nmonitor-format=\n',
})
const route = (mode: string) =>
  `[ext-did-0002]\nexten => 4951234567,1,Set(__DIRECTION=)\nexten => 4951234567,n,Gosub(sub-record-check,s,1(in,\${EXTEN},${mode}))\n`
const group = (mode: string) => `[ext-group]\nexten => 640,n,Gosub(sub-record-check,s,1(rg,640,${mode}))\n`

t.test('files as FreePBX lays them out: what records by itself is found, wherever it is set', async t => {
  for (const mode of ['dontcare', 'no', 'never', ''])
    await assertSound(t, 'pbx-recording', withFiles(t, generated(route(mode) + group(mode))))
  const places: Record<string, RegExp> = {
    [route('force')]: /records in 4951234567 by itself \("force"\)/,
    [route('yes')]: /records in 4951234567 by itself \("yes"\)/,
    [group('always')]: /records rg 640/,
  }
  for (const [dialplan, found] of Object.entries(places))
    await assertFound(t, dialplan, {
      ...{ check: 'pbx-recording' as const, setting: /^recording \(FreePBX\)$/, found },
      ...withFiles(t, generated(dialplan)),
    })
  await assertSound(
    t,
    'pbx-recording',
    withFiles(t, generated(`;--\n${route('force')}--;\n;${group('force')}`)),
  )
  await assertFound(t, 'a disconnect code that is the one of withdrawal', {
    ...{ check: 'asterisk-files' as const, setting: /^disconnect \(features\.conf\)/, found: /\*9/ },
    ...withFiles(t, generated('', 'disconnect=*9\n')),
  })
})

t.test('what FreePBX keeps of extensions is found by the console, or is said to be not known', async t => {
  await assertFound(t, 'an extension that is recorded', {
    ...withFiles(t, {}, '/AMPUSER/701/recording/in/external : force\n'),
    ...{ check: 'pbx-recording', setting: /^recording \(FreePBX\)$/, found: /every call of 701,/ },
  })
  const closed = await look('pbx-recording', withFiles(t, {}, null))
  t.match(closed, { state: 'unknown', said: /console does not answer.*run this as root\./ })
  const queues = { 'queues.conf': (was: string) => `${was}\n[support]\nmonitor-format = wav\n` }
  t.match(await look('pbx-recording', withFiles(t, queues, null)), { state: 'fault', said: /support/ })
})

t.test('in the files of the lab nothing is found, nor in a section that adds to another', async t => {
  await assertSound(t, 'asterisk-files', withFiles(t, {}))
  await assertSound(t, 'pbx-recording', withFiles(t, {}))
  const adding = withFiles(t, { 'ari.conf': was => `${was}\n[general](+)\npretty = yes\n` })
  await assertSound(t, 'asterisk-files', adding)
  for (const check of ['asterisk-files', 'pbx-recording'] as const) {
    const none = await look(check, { host: fakeHost(t, {}) })
    t.match(none, { state: 'unknown', said: /run this as root\./ })
    const elsewhere = await look(check, {
      ...withFiles(t, { 'queues.conf': was => `${was}\n[support]\nmonitor-format = wav\n` }),
      settings: { ARI_URL: 'https://pbx.example.org:8089' },
    })
    t.match(elsewhere, { state: 'unknown', said: 'Asterisk runs on another machine.' })
  }
})

t.test('a dialplan that says who is inside, by a variable that Asterisk does not show, is found', async t => {
  const says = (was: string) => `${was}\n[staff]\nexten => 1,1,Set(__CONSENTRY_PARTY=inside)\n`
  const shows = (names: string) => (was: string) => was.replace('[general]', `[general]\n${names}`)
  await assertSound(t, 'asterisk-files', withFiles(t, { 'ari.conf': shows('') }))
  const named = shows('channelvars = FROM, CONSENTRY_PARTY')
  await assertSound(t, 'asterisk-files', withFiles(t, { 'extensions.conf': says, 'ari.conf': named }))
  for (const names of ['', 'channelvars = FROM'])
    await assertFound(t, names, {
      ...{ check: 'asterisk-files' as const, setting: /^channelvars \(ari\.conf\)$/, found: /no effect/ },
      ...withFiles(t, { 'extensions.conf': says, 'ari.conf': shows(names) }),
    })
})

/** A machine on which this Asterisk runs, and nothing else. */
const running = (t: Test, change: Partial<FakeProcess>, kernel: Record<string, string> = {}): Looked => ({
  host: fakeHost(t, { processes: { 30: { ...SOUND_ASTERISK, ...change } }, kernel }),
  parts: { service: async () => undefined },
})
const withOption = [...SOUND_ASTERISK.args!, '-g']

t.test('how Asterisk runs: what is wrong is found', async t => {
  const check = 'asterisk' as const
  await assertSound(t, check, running(t, {}))
  const cases: Record<string, [Partial<FakeProcess>, Omit<Planted, 'check'>]> = {
    '-g': [{ args: withOption }, { setting: /^-g/, found: /dumpcore = no does nothing/ }],
    root: [
      { uid: 0, capable: true },
      { setting: /^runuser/, found: /runs as root\./ },
    ],
    'no real-time priority': [{ policy: 0 }, { setting: /^highpriority/, weak: true }],
  }
  for (const [mistake, [change, planted]] of Object.entries(cases))
    await assertFound(t, mistake, { check, ...running(t, change), ...planted })
})

t.test('memory that may reach a disk, and too few files, are found', async t => {
  await assertSound(t, 'memory', running(t, {}))
  await assertFound(t, 'core files', {
    ...{ check: 'memory' as const, ...running(t, { core: 'unlimited' }) },
    ...{ setting: /^LimitCORE \(asterisk\.service\)/ },
  })
  await assertFound(t, 'swap', {
    ...{ check: 'memory' as const, ...running(t, {}, { swaps: 'Filename\n/swapfile file 1\n' }) },
    ...{ setting: /^MemorySwapMax/, remedy: /swapoff/ },
  })
  await assertFound(t, 'a program for core files', {
    ...{ check: 'memory' as const, ...running(t, {}, { 'sys/kernel/core_pattern': '|/x\n' }) },
    ...{ setting: /^kernel\.core_pattern/ },
  })
  await assertSound(t, 'limits', running(t, {}))
  await assertFound(t, 'files of Asterisk', {
    ...{ check: 'limits' as const, ...running(t, { files: '1024' }) },
    ...{ setting: /^maxfiles/, found: /1024/ },
  })
  const own = { pid: 40, version: '1' }
  const host = fakeHost(t, { processes: { 40: { args: ['consentry serve'], files: '1024' } } })
  await assertFound(t, 'files of the service', {
    ...{ check: 'limits' as const, host, parts: { service: async () => own } },
    ...{ setting: /^LimitNOFILE/, found: /181 recordings/ },
  })
})

t.test('a service that does not run, or runs another version, is found', async t => {
  const check = 'service' as const
  await assertFound(t, 'no service', {
    ...{
      check,
      parts: { service: async () => undefined },
      setting: /^consentry\.service/,
      remedy: /systemctl start/,
    },
  })
  await assertFound(t, 'an old one', {
    ...{ check, parts: { service: async () => ({ pid: 1, version: '0.0.1' }) } },
    ...{ setting: /^consentry\.service/, found: /0\.0\.1/, remedy: /restart/ },
  })
})
