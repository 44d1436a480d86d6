// The process of several test files: runs them one after the other, each as one test of `tap` whose output is that of the file alone.
// A file that changes what all of them share fails, and its report names what it changed: see run-together.js.
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { changesOf, sharedState } from './shared-state.js'
import { beginning, changed } from './split-files.js'

// `tap` names the folders of tests by what is left of the command line, which would be too long.
const files = process.argv.splice(2).map(file => ({ file, url: pathToFileURL(resolve(file)).href }))
const tests = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'dist', 'test')
const [{ default: root }, { assign }, { endFile }] = await Promise.all(
  ['node_modules/tap/index.js', 'node_modules/tap/together.js', 'support/processes/file-end.js'].map(
    path => import(pathToFileURL(join(tests, path)).href),
  ),
)

// From its first words on, `tap` listens to the process.
root.comment('together')
let isOverdue = false
root.on('timeout', () => {
  isOverdue = true
})
for (const { file, url } of files) {
  // Where a file hung, those after it get another process.
  if (isOverdue) break
  const before = sharedState()
  process.stderr.write(beginning(file))
  await root.test(file, async t => {
    assign(t)
    await import(url)
  })
  endFile()
  const changes = changesOf(before, sharedState())
  // `tap` sets the exit code of a process whose time is over.
  if (changes.length > 0 && !isOverdue) root.comment(changed(changes))
}
