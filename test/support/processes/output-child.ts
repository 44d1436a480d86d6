import { setTimeout as pause } from 'node:timers/promises'
import { writeOutput } from '../../../src/files/output-file.js'

// A process that writes a file, to be ended: `node output-child.js FILE`. It says when it has written some, and never comes to
// the end.

await writeOutput(process.argv[2]!, async output => {
  await output.write(['a conversation'])
  process.stdout.write('half way\n')
  await pause(600_000)
})
