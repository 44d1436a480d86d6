import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import type { Breach } from './breaches.js'
import { sourcesBelow } from './read-imports.js'

/** What the first line of a test file begins with. */
const FIRST_LINE = /^\/\/ Real: \S/

const testsBelow = (folder: string): string[] =>
  sourcesBelow(folder).filter(file => file.endsWith('.test.ts'))

/**
 * Finds test files whose first line does not say what is real.
 *
 * @param tests the folder test/
 * @param folders those below it that are read
 * @throws Error if a folder has no test files
 */
export function silentFirstLines(tests: string, folders: readonly string[]): Breach[] {
  return readTests(tests, folders)
    .filter(({ text }) => !FIRST_LINE.test(text))
    .map(({ file }) => ({ file, rule: 'the first line does not begin with "// Real: "' }))
}

/**
 * Finds calls of `t.pass`, and calls of `t.match` with a list as its pattern.
 *
 * @param tests the folder test/
 * @param folders those below it that are read
 * @throws Error if a folder has no test files
 */
export function weakChecks(tests: string, folders: readonly string[]): Breach[] {
  return readTests(tests, folders).flatMap(({ file, text }) => {
    const found: Breach[] = []
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && isMatchOfList(node))
        found.push({ file, rule: 't.match ignores items beyond the pattern: use matchEach' })
      if (ts.isCallExpression(node) && node.expression.getText() === 't.pass')
        found.push({ file, rule: 't.pass holds whatever happened' })
      ts.forEachChild(node, visit)
    }
    visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true))
    return found
  })
}

const isMatchOfList = ({ expression, arguments: [, pattern] }: ts.CallExpression): boolean =>
  ts.isPropertyAccessExpression(expression) &&
  expression.name.text === 'match' &&
  pattern !== undefined &&
  ts.isArrayLiteralExpression(pattern)

function readTests(tests: string, folders: readonly string[]) {
  return folders.flatMap(folder => {
    const files = testsBelow(join(tests, folder)).map(file => join(folder, file))
    if (files.length === 0) throw new Error(`no test files below ${join(tests, folder)}`)
    return files.map(file => ({ file, text: readFileSync(join(tests, file), 'utf8') }))
  })
}
