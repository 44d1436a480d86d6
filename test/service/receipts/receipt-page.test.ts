// Real: docs/formats.md, its example, docs/verify-receipt.mjs. Fake: none.
import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'
import { checkFile } from '../../../src/receipts/check-file.js'
import type { Receipt } from '../../../src/receipts/receipt.js'
import { scratch } from '../../support/processes/database.js'

const docs = join(projectRoot(), 'docs')
const page = readFileSync(join(docs, 'formats.md'), 'utf8')
const example = readFileSync(join(docs, 'receipt-example.json'), 'utf8')
const receipt = JSON.parse(example) as Receipt
const key = /^ {4}(\S+\+[0-9a-f]{8}\+\S+)$/m.exec(page)![1]!
const dir = await scratch(t)
copyFileSync(join(docs, 'verify-receipt.mjs'), join(dir, 'verify.mjs'))

/** Output of the program of the documents for a receipt. */
function stranger(content: string, vkey = key) {
  writeFileSync(join(dir, 'receipt.json'), content)
  return spawnSync(process.execPath, ['verify.mjs', 'receipt.json', vkey], { cwd: dir, encoding: 'utf8' })
}

t.test(
  'the example verifies under the keys on the page, and its witness saw it when it happened',
  async t => {
    const [witness] = receipt.witnesses
    t.ok(page.includes(`    ${witness}\n`))
    const { faults, entered } = checkFile(Buffer.from(example), [key, witness!])
    t.same(faults, [])
    t.match(entered, {
      after: [{ at: '2026-03-14T07:11:44.000Z' }],
      by: [{ at: '2026-03-14T07:12:22.000Z' }],
    })
    t.equal(receipt.key, key)
    t.ok(page.includes(receipt.events[5]!.leaf), 'the leaf of the worked example')
    t.ok(page.includes(receipt.checkpoint.split('\n')[2]!), 'its root')
    const answer = receipt.statement.answers[0]!
    for (const [name, value] of Object.entries({ answer: answer.answer, digit: answer.digit }))
      t.ok(page.includes(`"${name}": "${value}"`), name)
  },
)

t.test('the program of the documents verifies it and prints what is proven', async t => {
  const told = stranger(example)
  t.equal(told.status, 0, told.stderr)
  const lines = told.stdout.trim().split('\n')
  t.equal(lines.length, receipt.events.length)
  t.match(lines[5], /consent\.answered .*"refused".*\{"digit":"2"\}/)
})

t.test('the program of the documents refuses a changed receipt', async t => {
  const changed = (change: (copy: Receipt) => void) => {
    const copy = structuredClone(receipt)
    change(copy)
    return stranger(JSON.stringify(copy))
  }
  const leaf = changed(({ events }) => {
    events[5]!.leaf = events[5]!.leaf.replace('refused', 'granted')
  })
  t.match(leaf, { status: 1, stderr: /not in the log/ })
  const digit = changed(({ events }) => {
    events[5]!.personal!.data.digit = '1'
  })
  t.match(digit, { status: 1, stderr: /other personal data/ })
  const size = changed(copy => {
    copy.checkpoint = copy.checkpoint.replace('\n41\n', '\n42\n')
  })
  t.match(size, { status: 1, stderr: /not signed/ })
  t.match(stranger(example, receipt.witnesses[0]), { status: 1, stderr: /not signed/ })
})
