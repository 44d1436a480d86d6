// Real: the sources of operations and console, the Russian catalogue. Fake: none.
// Each message that a page can show has a Russian text.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import t from 'tap'
import ts from 'typescript'
import { FAULTS } from '../../../src/console/pages/words/ru/faults.js'
import { inWords, MESSAGES } from '../../../src/console/pages/words/ru/messages/messages.js'
import { type MessageValue, messageOf, text } from '../../../src/core/message.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { REFUSALS } from '../../../src/socket/ask-in-call.js'

const src = join(projectRoot(), 'src')
const CATALOGUE = { ...MESSAGES, ...FAULTS }
/** Rooms whose operations pages call. */
const PLACES = /^(accounts|lines|prompts|socket|site|console|languages|vault\/check-setup\.ts)/
/** What only commands, the service and the API call. */
const NOT_FOR_PAGES = /^(site\/(check|setup|probe|health)\/|accounts\/tokens|socket\/order-call)/
/** Codes of errors that a page reports by its status alone: faults of the installation, which an operator reads in the log. */
const BY_STATUS =
  /^'(config\.invalid|prompt\.(missing|damaged|slow)|tool\.(failed|missing)|store\.unwritable|db\.|journal\.)/
/** Functions whose first argument is a message. */
const MAKERS = ['unusable', 'refuse', 'invalid', 'messageOf']
/** Methods of a schema whose second argument is a fault. */
const CHECKS = ['regex', 'min', 'refine']
/** Messages of the framework, and those that are stated elsewhere. */
const OTHERS = [
  ...Object.values(REFUSALS),
  'Request body is too large',
  'Too many attempts failed. Try again in {} s.',
]

/** The messages that a source states. `untagged`: those with values that cannot be translated. */
interface Stated {
  messages: string[]
  untagged: string[]
}

const isForPages = (path: string): boolean =>
  PLACES.test(relative(src, path)) && !NOT_FOR_PAGES.test(relative(src, path))

function statedIn(path: string): Stated {
  const found: Stated = { messages: [], untagged: [] }
  const shown = isForPages(path)
  const isOfLines = relative(src, path).startsWith('lines/')
  const state = (node: ts.Expression | undefined): void => {
    if (!node) return
    if (ts.isStringLiteralLike(node)) found.messages.push(node.text)
    if (ts.isTemplateExpression(node)) found.untagged.push(node.getText())
    if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(state)
  }
  const visit = (node: ts.Node): void => {
    if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'text')
      found.messages.push(templateOf(node.template))
    if (shown && ts.isNewExpression(node) && ['AppError', 'Refusal'].includes(node.expression.getText()))
      if (!BY_STATUS.test(node.arguments![0]!.getText())) state(node.arguments![1])
    if (shown && ts.isCallExpression(node) && MAKERS.includes(node.expression.getText()))
      state(node.arguments[0])
    if (isOfLines && ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression))
      if (CHECKS.includes(node.expression.name.text)) state(node.arguments[1])
    if (isOfLines && ts.isPropertyAssignment(node) && node.name.getText() === 'error') state(node.initializer)
    ts.forEachChild(node, visit)
  }
  visit(sourceOf(path))
  return found
}

const sourceOf = (path: string) =>
  ts.createSourceFile(
    ...([path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2023, true] as const),
    path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  )

const templateOf = (template: ts.TemplateLiteral): string =>
  ts.isNoSubstitutionTemplateLiteral(template)
    ? template.text
    : template.templateSpans.reduce((all, span) => `${all}{}${span.literal.text}`, template.head.text)

const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter(name => /\.tsx?$/.test(name))
  .map(name => join(src, name))
const stated = sources
  .filter(path => isForPages(path) || /\btext`/.test(readFileSync(path, 'utf8')))
  .map(statedIn)
const messages = new Set(stated.flatMap(one => one.messages))

/** Faults by the code of an issue. */
const faultForms = (() => {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) && /[a-z] [a-z]/.test(node.text)) found.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(sourceOf(join(src, 'lines', 'fault-words.ts')))
  return found
})()

/** A single word is a code, such as the reason of a refused sign-in. */
const isSaid = (message: string): boolean => / |\{\}/.test(message)

t.test('each message that a page can show has a Russian text', async t => {
  t.ok(messages.size > 150, 'the messages are found')
  t.ok(faultForms.length > 6, 'the faults of forms are found')
  for (const message of [...messages, ...faultForms].filter(isSaid))
    t.ok(CATALOGUE[message], `${message}: give it a text in src/console/pages/words/ru`)
})

t.test('no message has values that cannot be translated', async t => {
  t.strictSame(
    stated.flatMap(one => one.untagged),
    [],
    'write text`…` in place of `…`',
  )
})

t.test('no text is left of a message that is gone', async t => {
  const known = new Set([...messages, ...faultForms, ...OTHERS])
  for (const message of Object.keys(CATALOGUE)) t.ok(known.has(message), message)
})

t.test('the texts are Russian, and have the values of the original', async t => {
  for (const [template, translation] of Object.entries(CATALOGUE)) {
    const values = Array.from({ length: template.split('{}').length - 1 }, (_, i) => `value${i}`)
    const shown = inWords({ template, values })
    if (/[a-z]/.test(template)) t.match(shown, /[а-я]/i, template)
    t.notMatch(shown, /\{\d\}/, template)
    if (typeof translation === 'string')
      for (const [, place] of translation.matchAll(/\{(\d)\}/g))
        t.ok(Number(place) <= values.length, template)
  }
})

t.test('values are put into the text of their message', async t => {
  const inRussian = (...[parts, ...values]: [TemplateStringsArray, ...MessageValue[]]) =>
    inWords(text(parts, ...values))
  t.equal(inRussian`The user ${'anna'} is disabled already.`, 'Пользователь anna уже отключён.')
  t.equal(
    inRussian`One of these roles is needed: ${'administrator, auditor'}.`,
    'Нужна одна из ролей: администратор, аудитор.',
  )
  t.equal(
    inRussian`The draft is ${'scheduled'}. ${'Cancel its schedule to publish it at once.'}`,
    'Черновик опубликуется в назначенное время. Чтобы опубликовать сразу, отмените назначенное время.',
  )
  t.equal(inWords(messageOf('Something new.')), 'Something new.')
})
