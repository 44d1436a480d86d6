// Real: the manual and the completion, the verbs of the command, bash. Fake: a verb with odd words.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { bashCompletion } from '../../../packaging/build/completion.js'
import { manPage } from '../../../packaging/build/man-page.js'
import { leadingWords, loadVerbs } from '../../../packaging/build/verbs.js'
import { groups } from '../../../src/cli.js'

const verbs = await loadVerbs(groups)

t.test('an installation has every verb but those of a checkout', async t => {
  const names = verbs.map(({ name }) => name)
  for (const name of ['serve', 'migrate', 'line', 'calls', 'rights']) t.ok(names.includes(name), name)
  for (const name of ['demo', 'lab']) t.notOk(names.includes(name), name)
})

t.test('the words of a usage before its arguments', async t => {
  t.equal(leadingWords('draft new NUMBER [--file FILE] [--by NAME]'), 'draft new')
  t.equal(leadingWords('[-o FILE]'), '')
  t.equal(leadingWords('list'), 'list')
  t.equal(leadingWords('PURPOSE… [--dir DIR]'), '')
})

t.test('bash completes verbs, the verbs below them, and options', async t => {
  const dir = t.testdir({ completion: bashCompletion(verbs) })
  const complete = (...words: string[]): string[] => {
    const script = `. ${join(dir, 'completion')}; COMP_WORDS=(${words.map(word => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _consentry; printf '%s\\n' "\${COMPREPLY[@]}"`
    return execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8' }).split('\n').filter(Boolean)
  }
  t.strictSame(complete('consentry', 'cal').sort(), ['call', 'calls'])
  t.ok(complete('consentry', 'line', 'dr').includes('draft'))
  t.ok(complete('consentry', 'line', 'set', '--b').includes('--by'))
  t.ok(complete('consentry', 'help', 'pur').includes('purge'))
  t.strictSame(complete('consentry', 'nonsense', 'x'), [])
})

/** Requests and macros of man(7) that the page uses. */
const REQUESTS = /^\.(TH|SH|SS|PP|TP|B|BR|I|IR|RI|nf|fi)( |$)/

t.test('the manual has each verb with its usage, as text that roff does not interpret', async t => {
  const page = manPage(verbs, { version: '1.2.3', at: 0 })
  t.match(page, /^\.TH CONSENTRY 1 "1970-01-01" "Consentry 1\.2\.3"\n/)
  const lines = page.split('\n')
  t.strictSame(
    lines.filter(line => /^[.']/.test(line) && !REQUESTS.test(line)),
    [],
  )
  for (const { name, summary } of verbs) {
    t.ok(
      lines.some(line => line.startsWith(`consentry ${name}`)),
      `${name}: ${summary}`,
    )
  }
  t.ok(lines.includes('consentry keygen PURPOSE... [\\-\\-dir DIR]'))
})

t.test('what roff would interpret stands for itself', async t => {
  const odd = {
    name: 'odd',
    group: 'Odd',
    summary: '.so /etc/passwd',
    usage: ["'x \\y"],
    example: 'odd',
    options: [],
  }
  const page = manPage([odd], { version: '1.0.0', at: 0 })
  t.ok(page.includes('\n\\&.so /etc/passwd.\n'))
  t.ok(page.includes("\nconsentry odd 'x \\ey\n"))
})
