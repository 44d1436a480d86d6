/**
 * What came of one test file. Tests are counted, not assertions: the file's own, or the file where it has none.
 *
 * @param {{ended: string, tap: string}} run as `runFile` gives it
 * @returns {{passed: number, failed: number, failures: string[]}} with the lines that say where and why
 */
export function readTap({ ended, tap }) {
  const lines = tap.split('\n')
  const passed = lines.filter(line => /^ok \d/.test(line)).length
  const failed = lines.filter(line => /^not ok \d/.test(line)).length
  const failures = diagnoses(lines)
  const planned = Number(/^1\.\.(\d+)/m.exec(tap)?.[1] ?? 0)
  const trouble =
    (failed === 0 && ended) ||
    (passed + failed === 0 && 'it has no tests') ||
    (passed + failed !== planned && `${planned} tests were planned, ${passed + failed} ran`)
  if (!trouble) return { passed, failed, failures }
  return { passed, failed: failed + 1, failures: [...failures, `not ok - ${ended || trouble}`] }
}

/** The `not ok` lines, each with its diagnosis. */
function diagnoses(lines) {
  let until = ''
  return lines.filter(line => {
    const [, indent] = /^( *)not ok /.exec(line) ?? []
    if (indent !== undefined) until = `${indent}  ...`
    else if (until === '') return false
    if (line === until) until = ''
    return true
  })
}
