import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../../src/lib/process/project.js'
import { importsBelow, targetOf } from './read-imports.js'

const root = projectRoot()

/** Reads a file of the project. */
export const readProject = (file: string): string => readFileSync(join(root, file), 'utf8')

/** A way through the sources, which a comment lists: one numbered file a line, in the order in which to read them. */
export interface Way {
  files: readonly string[]
  /** Entries of the list that are numbered wrongly, stand there twice, or do not exist. */
  wrong: readonly string[]
}

/** Reads the list of a way. @param source the file whose comment it is */
export function readWay(source: string): Way {
  const listed = [...readProject(source).matchAll(/^ \* +(\d+)\. (\S+) +\S/gm)]
  const files = listed.map(([, , file]) => file!)
  const isWrong = (file: string, i: number) =>
    Number(listed[i]![1]) !== i + 1 || files.indexOf(file) !== i || !existsSync(join(root, file))
  return { files, wrong: files.filter(isWrong) }
}

/**
 * Finds the sources of a way that are not reached from one before them: none of those imports them, and none shares a
 * port with them. The one side calls the port, the other one is the port.
 *
 * @param ports files with interfaces. A port may be on the way itself
 */
export function unreachedFiles(sources: readonly string[], ports: readonly string[]): string[] {
  const imported = new Set(importsBelow(join(root, 'src')).map(one => `src/${one.file} src/${targetOf(one)}`))
  const knows = (from: string, to: string) => from === to || imported.has(`${from} ${to}`)
  const reaches = (one: string, other: string) =>
    knows(one, other) || ports.some(port => knows(one, port) && knows(other, port))
  return sources.slice(1).filter((file, i) => !sources.slice(0, i + 1).some(one => reaches(one, file)))
}
