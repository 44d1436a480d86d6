// Real: the pictures of docs/parties.md, the page, and the call tests that they name. Fake: the planted breaches.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import ts from 'typescript'
import { projectRoot } from '../../../src/lib/process/project.js'
import { FOLDER, pictureFiles } from '../../support/situations/pictures/files.js'
import { type Picture, rowOf, step, talk, waits } from '../../support/situations/pictures/picture.js'
import { drawnOf, PICTURES } from '../../support/situations/pictures/pictures.js'

const read = (path: string) => readFileSync(join(projectRoot(), path), 'utf8')
const page = read('docs/parties.md')
/** A text with fewer fixed letters says nothing. */
const LEAST_LETTERS = 8

t.test('each picture is as it is drawn, and there is no other', t => {
  const drawn = pictureFiles()
  t.strictSame(readdirSync(join(projectRoot(), FOLDER)).sort(), [...drawn.keys()].sort())
  for (const [name, svg] of drawn)
    t.ok(read(`${FOLDER}/${name}`) === svg, `${name} is as \`npm run pictures\` draws it`)
  t.end()
})

t.test('the page shows each picture once, in words too', t => {
  const shown = [...page.matchAll(/!\[([^\]]*)\]\(situations\/([\w-]+)\.svg\)/g)]
  t.strictSame(
    shown.map(([, , name]) => name),
    ['legend', ...PICTURES.map(({ name }) => name)],
  )
  for (const [, words, name] of shown) t.ok(words!.length > 40, `${name}: ${words}`)
  t.end()
})

/** Whether a source has this text. Of a text with computed parts, those may be anything. */
function hasText(source: string, wanted: string): boolean {
  let found = false
  const fits = (parts: readonly string[]) =>
    parts.join('').length >= LEAST_LETTERS &&
    new RegExp(`^${parts.map(part => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('.+')}$`).test(wanted)
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) found ||= fits([node.text])
    else if (ts.isTemplateExpression(node))
      found ||= fits([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)])
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('test.ts', source, ts.ScriptTarget.Latest, true))
  return found
}

t.test('each test that a picture names plays its situation', t => {
  for (const { name, strips } of PICTURES)
    for (const { row, test } of strips) t.ok(hasText(read(`test/call/${test}`), row), `${name}: ${row}`)
  t.end()
})

t.test('a title that no test has is found', t => {
  const source = "situation(t, lab, `${how}, \\`onHold: ${rule}\\``)\nt.test('it is recorded')\n`${a}`"
  t.ok(hasText(source, 'it is recorded'))
  t.ok(hasText(source, 'the agent holds, `onHold: pause`'))
  t.notOk(hasText(source, 'it is not recorded'))
  t.notOk(hasText(source, 'the agent holds'))
  t.end()
})

t.test('what a picture says of a recording is as the table has it', t => {
  const strips = ['', ''].map((head, i) => ({ head, row: `row ${i}`, test: 'a.test.ts' }))
  const question = step('', ['not yet', 'refused'], {
    people: ['caller'],
    marks: { caller: 'asked' },
  })
  const picture: Picture = {
    ...{ name: '', title: '', recorded: 'caller', told: '-', strips },
    steps: [
      question,
      step('', ['hold', 'refused'], waits('caller')),
      step('', ['both', 'refused'], talk('caller', 'agent')),
      step('', ['both', 'refused'], talk('caller', 'agent', 'B')),
      step('', ['own', 'refused'], { people: ['caller', 'B'], marks: { B: 'asked' } }),
    ],
  }
  t.strictSame(
    strips.map(strip => rowOf(picture, strip)),
    [
      { asked: 1, told: '-', allowed: ['both sides', 'nothing (hold)', 'both sides', 'own side'] },
      { asked: 1, told: '-', allowed: ['nothing'] },
    ],
  )
  t.strictSame(drawnOf('ring group, refused')?.allowed, ['nothing'])
  t.equal(drawnOf('a situation of which there is no picture'), undefined)
  t.end()
})

t.test('each step of a picture has every recording', t => {
  for (const { name, strips, steps } of PICTURES)
    for (const { kept, text } of steps) t.equal(kept.length, strips.length, `${name}: ${text}`)
  t.end()
})
