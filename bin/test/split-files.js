/** What the process of several files says on standard error when one begins, and tells of one that changed what all share. */
export const beginning = file => `\0begins: ${file}\n`
export const changed = what => `changed: ${what.join('; ')}`

/**
 * Splits what came of a process that ran several files, as together.js does.
 *
 * @param {string[]} files in the order in which they ran
 * @param {{ended: string, tap: string, said: string}} run as `runFile` gives it
 * @returns {{runs: object[], left: string[]}} a run of each file that began, as `runFile` gives it; and the files that did not
 */
export function splitFiles(files, { ended, tap, said }) {
  const runs = []
  /** The file whose lines come, undefined between two. */
  let current
  for (const line of tap.split('\n')) {
    if (!current && line === `# Subtest: ${files[runs.length]}`) {
      current = { file: files[runs.length], seconds: 0, ended: '', tap: '', said: '' }
      runs.push(current)
    } else if (current && line.startsWith('    ')) {
      current.tap += `${line.slice(4)}\n`
    } else if (current && RESULT.exec(line)?.[2] === current.file) {
      const [, failed, , milliseconds] = RESULT.exec(line)
      current.seconds = Number(milliseconds ?? 0) / 1_000
      // Its own lines do not always say so, such as when it ended the process.
      if (failed) current.ended = 'it failed as a whole'
      current = undefined
    } else if (!current && CHANGES.test(line)) {
      runs.at(-1).ended =
        `it changed what the files of a process share. Say why it runs alone (\`// Alone: …\`): ${CHANGES.exec(line)[1]}`
    }
  }
  if (current) current.ended = ended || 'its process ended before it'
  // Nothing else says why the process failed: the last file, or one before, left something behind.
  if (runs.length > 0 && runs.every(one => one.ended === '')) runs.at(-1).ended = ended
  const places = runs.map(({ file }) => said.indexOf(beginning(file)))
  for (const [i, one] of runs.entries())
    one.said = said.slice(i === 0 ? 0 : places[i], places[i + 1]).replace(beginning(one.file), '')
  return { runs, left: files.slice(runs.length) }
}

/** The line of a file that is over. */
const RESULT = /^(not )?ok \d+ - (\S+)(?: # time=([\d.]+)ms)?$/
const CHANGES = /^# changed: (.*)$/
