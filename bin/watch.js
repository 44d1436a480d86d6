// `npm run test:watch`: runs the alert rules and the queries of the dashboard on a real Prometheus and Alertmanager, which watch a real
// service. Takes some three minutes.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { prepare } from './prepare.js'
import { readTap } from './test/read-tap.js'
import { runFile } from './test/run-file.js'

const { root } = await prepare()
const { prepareTools } = await import(
  pathToFileURL(join(root, 'dist', 'lab', 'tools', 'prepare-tools.js')).href
)
await prepareTools(['asterisk22', 'sipp', 'sounds', 'prometheus'], {
  progress: line => process.stderr.write(`consentry: ${line}\n`),
})
const run = await runFile(join('dist', 'test', 'install', 'watch', 'watch.js'), { cwd: root })
const { passed, failed, failures } = readTap(run)
process.stdout.write(`${failures.map(line => `${line}\n`).join('')}\n${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
