import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'

/** A place in a compiled file, as stack traces name it. */
const PLACE = /(?:file:\/\/)?([^\s"'()]*?dist\/[\w./-]+\.js):(\d+):(\d+)/g
/** The same in a diagnosis of TAP. */
const PLACE_OF_TAP =
  /(fileName: "?)([^\s"]*?dist\/[\w./-]+\.js)("?\n\s*lineNumber: )(\d+)(\n\s*columnNumber: )(\d+)/g

/**
 * Names the places of compiled files by those of their sources. Test files leave it to the runner, because to read the maps of all files
 * that a test loads takes longer than many tests, and only a failure needs them.
 *
 * @param {string} text
 * @param {string} root folder of the project, from which paths count
 * @returns {string}
 */
export function atSources(text, root) {
  return text
    .replace(PLACE, (whole, file, line, column) => {
      const place = sourceOf(resolve(root, file), Number(line), Number(column))
      return place ? `${relative(root, place.file)}:${place.line}:${place.column}` : whole
    })
    .replace(PLACE_OF_TAP, (whole, name, file, toLine, line, toColumn, column) => {
      const place = sourceOf(resolve(root, file), Number(line), Number(column))
      if (!place) return whole
      return `${name}${relative(root, place.file)}${toLine}${place.line}${toColumn}${place.column}`
    })
}

/** @returns {{file: string, line: number, column: number} | undefined} undefined if nothing tells */
function sourceOf(file, line, column) {
  const map = readMap(file)
  if (!map) return undefined
  const { originalSource, originalLine, originalColumn } = map.findEntry(line - 1, column - 1)
  if (originalSource === undefined) return undefined
  return { file: join(dirname(file), originalSource), line: originalLine + 1, column: originalColumn + 1 }
}

function readMap(file) {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')))
  } catch {
    return undefined
  }
}
