// The process of several test files: runs them one after the other, each as one test of `tap` whose output is that of the file alone.
// A file that changes what it shares with those after it is told of, and fails: see run-together.js.
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { changesOf, sharedState } from './shared-state.js'
import { beginning, change } from './split-files.js'

// `tap` names the folders of tests by what is left of the command line, which would be too long.
const files = process.argv.splice(2)
const tap = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'dist', 'test', 'node_modules', 'tap')
const [{ default: root }, { assign }] = await Promise.all(
  ['index.js', 'together.js'].map(name => import(pathToFileURL(join(tap, name)).href)),
)

// From its first words on, `tap` listens to the process.
root.comment('together')
for (const file of files) {
  const before = sharedState()
  process.stderr.write(beginning(file))
  await root.test(file, async t => {
    assign(t)
    await import(pathToFileURL(resolve(file)).href)
  })
  for (const what of changesOf(before, sharedState())) root.comment(change(what))
}
