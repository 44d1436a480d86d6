import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'

/** One import as it is written. */
export interface Import {
  /** Path of the importing file below the source folder. */
  file: string
  /** Module name; of a template, the text before its first placeholder. */
  module: string
  /** An `import()` whose name is known only at run time. */
  computed: boolean
  /** Only types are imported, so nothing is loaded. */
  typeOnly: boolean
}

/** All TypeScript files below a folder, as paths below it. */
export const sourcesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.tsx?$/.test(name))
    .sort()

/** Every import of every file below a folder. */
export const importsBelow = (folder: string): Import[] =>
  sourcesBelow(folder).flatMap(file => importsOf(file, readFileSync(join(folder, file), 'utf8')))

function importsOf(file: string, text: string): Import[] {
  const found: Import[] = []
  const note = (name: ts.Expression | undefined, typeOnly: boolean) => {
    if (!name) return
    const literal = ts.isStringLiteralLike(name) ? name.text : undefined
    const head = ts.isTemplateExpression(name) ? name.head.text : ''
    found.push({ file, module: literal ?? head, computed: literal === undefined, typeOnly })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) note(node.moduleSpecifier, node.importClause?.isTypeOnly ?? false)
    else if (ts.isExportDeclaration(node)) note(node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      note(node.arguments[0], false)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      note(node.argument.literal as ts.Expression, true)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest))
  return found
}

/** The file that a relative import names, as a path from the source folder; `../` leads out of it. */
export const targetOf = ({ file, module }: Import): string =>
  join(dirname(file), module).replace(/\.js$/, '.ts')

/** The room of a file: the folder right below the source folder, or the file itself. */
export const roomOf = (file: string): string => file.split('/')[0]!
