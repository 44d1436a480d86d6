// Real: the reader and files as Asterisk has them. Fake: none.
import { join } from 'node:path'
import t from 'tap'
import {
  readAsteriskConfig,
  repeatedSections,
  settingIn,
  settingsOf,
} from '../../../../src/lib/host/asterisk-config.js'
import { matchEach } from '../../../support/assertions/match-each.js'

t.test('sections, settings, comments and escapes are read as Asterisk reads them', async t => {
  const dir = t.testdir({
    'a.conf': `; a comment
[general] ; behind a section
enabled = yes
bindaddr => 127.0.0.1   ; behind a value
name = a\\;b
;-- a block
enabled = no
--; bindport = 8088
[phone](!,base)
type=endpoint
`,
  })
  const config = readAsteriskConfig(join(dir, 'a.conf'))
  matchEach(t, config.sections, [
    { name: 'general', adds: false, line: 2 },
    { name: 'phone', template: true, templates: ['base'] },
  ])
  t.strictSame(settingsOf(config, 'general'), [
    { key: 'enabled', value: 'yes' },
    { key: 'bindaddr', value: '127.0.0.1' },
    { key: 'name', value: 'a;b' },
    { key: 'bindport', value: '8088' },
  ])
  t.equal(settingIn(config, 'general', 'bindport'), '8088')
  t.equal(settingIn(config, 'none', 'bindport'), undefined)
})

t.test('a template alone says nothing, and what uses it begins with its settings', async t => {
  const dir = t.testdir({
    'a.conf': '[directories](!)\nastetcdir => /x\n[base](!)\na=1\nb=1\n[general](base)\nb=2\n',
  })
  const config = readAsteriskConfig(join(dir, 'a.conf'))
  t.equal(settingIn(config, 'directories', 'astetcdir'), undefined)
  t.strictSame([settingIn(config, 'general', 'a'), settingIn(config, 'general', 'b')], ['1', '2'])
})

t.test('what is included is read in its place, and a section that adds is no second one', async t => {
  const dir = t.testdir({
    'http.conf':
      '[general]\nenabled=no\n#include sub/*.conf\n#tryinclude "none.conf"\n[general](+)\nbindport=1\n',
    sub: { 'b.conf': '[general](+)\nenabled=yes\n', 'a.conf': '[general]\nsessionlimit=5\n' },
  })
  const config = readAsteriskConfig(join(dir, 'http.conf'))
  t.equal(settingIn(config, 'general', 'enabled'), 'yes', 'the last one that is read holds')
  t.equal(settingIn(config, 'general', 'sessionlimit'), undefined, 'a second section is not read')
  matchEach(t, repeatedSections(config, 'general'), [{ file: join(dir, 'sub/a.conf'), line: 1 }])
  t.strictSame(config.includes, ['sub/*.conf', 'none.conf'])
})

t.test('a file that is included and missing is said to be so, and one that includes itself ends', async t => {
  const dir = t.testdir({ 'a.conf': '#include none.conf\n', 'b.conf': '[general]\n#include b.conf\n' })
  t.throws(() => readAsteriskConfig(join(dir, 'a.conf')), { code: 'tool.failed', message: /none\.conf/ })
  t.throws(() => readAsteriskConfig(join(dir, 'no.conf')), {
    code: 'tool.failed',
    message: /no\.conf.*ENOENT/,
  })
  t.equal(readAsteriskConfig(join(dir, 'b.conf')).includes.length, 11)
})
