// Real: the counting and drawing of stacks. Fake: the output of perf, which is a text.
import t from 'tap'
import { drawFlames } from '../../bench/support/flame/draw.js'
import { countStacks } from '../../bench/support/flame/stacks.js'

const SCRIPT = `  101
\t    7f01 send@@GLIBC_2.2.5 (/usr/lib/libc.so.6)
\t    5581 [unknown] (/usr/lib/modules/app_echo.so)
\t    5580 [unknown] (/usr/lib/modules/app_echo.so)
\t    5500 pbx_exec (/usr/sbin/asterisk)

  101
\t    4400 operator<; (/usr/sbin/asterisk)
\t    5500 pbx_exec (/usr/sbin/asterisk)

  101
\t    3300 [unknown] (/tmp/perf-101.map)

    0
\tffff01 default_idle ([kernel.kallsyms])

  999
\t    4400 poll (/usr/bin/other)
`

t.test('samples with the same functions are one stack, named by the process', async t => {
  const stacks = countStacks(SCRIPT, new Map([[101, 'Asterisk']]))
  t.strictSame(
    [...stacks],
    [
      ['Asterisk;pbx_exec;[app_echo.so];send', 1],
      ['Asterisk;pbx_exec;operator<:', 1],
      ['Asterisk;JavaScript', 1],
    ],
  )
})

t.test('each function is as wide as its share and stands on its caller', async t => {
  const svg = drawFlames(
    new Map([
      ['a;b', 3],
      ['c<d', 1],
    ]),
    'a title',
  )
  const boxes = [...svg.matchAll(/x="([\d.]+)" y="(\d+)" width="([\d.]+)".*?<title>(.*?)<\/title>/g)]
  const found = Object.fromEntries(boxes.map(([, x, y, width, name]) => [name, [x, y, width].map(Number)]))
  const [, bottom] = found['all: 100.0 %']!
  t.strictSame(found, {
    'all: 100.0 %': [0, bottom, 1_200],
    'a: 75.0 %': [0, bottom! - 16, 900],
    'b: 75.0 %': [0, bottom! - 32, 900],
    'c&lt;d: 25.0 %': [900, bottom! - 16, 300],
  })
  t.match(svg, />a title</)
})
