import { setTimeout as pause } from 'node:timers/promises'
import { writeOutput } from '../../../src/lib/files/output-file.js'

// A process that writes a file and that a test ends: `node output-child.js FILE`. It prints `half way` when it has written some,
// and does not finish.

await writeOutput(process.argv[2]!, async output => {
  await output.write(['a conversation'])
  process.stdout.write('half way\n')
  await pause(600_000)
})
