// Real: the sources of deeds and console, the dictionary. Fake: none.
// Each refusal that a page can show has words in Russian.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import ts from 'typescript'
import { TOLD, told } from '../../../src/console/pages/words/ru/told/told.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { REFUSALS } from '../../../src/socket/ask-in-call.js'

const src = join(projectRoot(), 'src')
/** Where what pages call refuses. */
const PLACES = ['accounts', 'lines', 'prompts', 'socket', 'site', 'console']
/** What only commands, the service and the API call. */
const NOT_FOR_PAGES = /site\/(check|setup|probe|health)\/|(accounts\/tokens|socket\/order-call)\.ts$/
/** Codes of errors that a page tells by its status alone: faults of the installation, which an operator reads in the log. */
const BY_STATUS =
  /^'(config\.invalid|prompt\.(missing|damaged|slow)|tool\.(failed|missing)|store\.unwritable|db\.|journal\.)/
/** What makes an error besides the classes. */
const MAKERS = ['unusable', 'refuse', 'invalid']
/** Sentences of the framework and of those that are put together elsewhere. */
const OTHERS = [
  ...Object.values(REFUSALS),
  'Request body is too large',
  'This is a fault of the console: its log has the kind of it.',
  'Too many attempts failed. Try again in {} s.',
  'Line {} has changed since this draft was begun on {}: {}. Rebase the draft.{}',
  'This draft is published as version {} of line {}. Begin another one.',
  'This draft is discarded. Begin another one.',
]
/** What warns, although it was done: the file, and how the sentence begins. */
const WARNINGS = {
  'vault/check-setup.ts': 'nothing is recorded for purpose',
  'lines/line-versions.ts': 'line {} states all',
  'lines/prompts/make-prompts.ts': 'The sound takes',
  'prompts/contradictions.ts': 'the prompt "{}" ({}) names neither',
}
/** Whole sentences that stand for one of `OTHERS`. */
const GENERAL = ['This draft is {}. Begin another one.']

/** The texts that an expression may be, with `{}` for each value in them. None: it is put together elsewhere. */
function textsOf(node: ts.Expression): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text]
  if (ts.isTemplateExpression(node))
    return [node.templateSpans.reduce((text, span) => `${text}{}${span.literal.text}`, node.head.text)]
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)]
  return []
}

/** Visits each node of a source. */
function eachNode(path: string, look: (node: ts.Node) => void): void {
  const kind = path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2023, true, kind)
  const visit = (node: ts.Node): void => {
    look(node)
    ts.forEachChild(node, visit)
  }
  visit(file)
}

function refusalsOf(path: string): string[] {
  const found: string[] = []
  eachNode(path, node => {
    if (ts.isNewExpression(node) && ['AppError', 'Refusal'].includes(node.expression.getText()))
      if (!BY_STATUS.test(node.arguments![0]!.getText())) found.push(...textsOf(node.arguments![1]!))
    if (ts.isCallExpression(node) && MAKERS.includes(node.expression.getText()) && node.arguments[0])
      found.push(...textsOf(node.arguments[0]))
  })
  return found
}

/** The sentences of a source that begin so. */
function sentencesOf(path: string, beginning: string): string[] {
  const found: string[] = []
  eachNode(path, node => {
    if (ts.isExpression(node)) found.push(...textsOf(node).filter(text => text.startsWith(beginning)))
  })
  return found
}

/** What is no sentence is a part of one, or the sentence has its faults at the end. */
const isSentence = (text: string) => / [\s\S]*[.}]$/.test(text)

const refusals = PLACES.flatMap(place =>
  readdirSync(join(src, place), { recursive: true, encoding: 'utf8' })
    .map(name => join(src, place, name))
    .filter(path => /\.tsx?$/.test(path) && !NOT_FOR_PAGES.test(path))
    .flatMap(refusalsOf),
)

const warnings = Object.entries(WARNINGS).map(
  ([file, beginning]) => sentencesOf(join(src, file), beginning)[0],
)

t.test('each warning that a page can show has words in Russian', async t => {
  for (const sentence of warnings) t.ok(sentence && TOLD[sentence], `${sentence}: as below`)
})

t.test('each refusal that a page can show has words in Russian', async t => {
  t.ok(refusals.length > 80, 'the refusals are found')
  for (const sentence of new Set(refusals.filter(one => isSentence(one) && !GENERAL.includes(one))))
    t.ok(TOLD[sentence], `${sentence}: give it words in src/console/pages/words/ru/told`)
})

t.test('no words are left of a refusal that is gone', async t => {
  const known = new Set([...refusals, ...warnings, ...OTHERS])
  for (const sentence of Object.keys(TOLD)) t.ok(known.has(sentence), sentence)
})

t.test('the words are Russian, and have the values of the original', async t => {
  for (const [sentence, words] of Object.entries(TOLD)) {
    const values = Array.from({ length: sentence.split('{}').length - 1 }, (_, i) => `value${i}`)
    const message = values.reduce((text, value) => text.replace('{}', value), sentence)
    t.match(told(message), /[а-я]/i, sentence)
    t.notMatch(told(message), /\{\d\}/, sentence)
    if (typeof words === 'string')
      for (const [, place] of words.matchAll(/\{(\d)\}/g)) t.ok(Number(place) <= values.length, sentence)
  }
  t.equal(told('The user anna is disabled already.'), 'Пользователь anna уже отключён.')
  t.equal(
    told('One of these roles is needed: administrator, auditor.'),
    'Нужна одна из ролей: администратор, аудитор.',
  )
  t.equal(
    told('The draft is scheduled. Cancel its schedule to publish it at once.'),
    'Черновик опубликуется в назначенное время. Чтобы опубликовать сразу, отмените назначенное время.',
  )
  t.equal(
    told('The draft is not valid.\n  keys.yes: must be one of the keys 0-9 * # A-D'),
    'В черновике есть ошибки.\nКлавиша «да»: Нужна одна клавиша: 0–9, * или #.',
  )
  t.equal(told('Something new.'), 'Something new.')
})
