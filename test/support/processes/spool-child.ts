import { createInterface } from 'node:readline'
import { codeOf } from '../../../src/core/errors.js'
import { newCallId } from '../../../src/core/ids.js'
import { Spool } from '../../../src/journal/spool/spool.js'
import { encodeEvent } from '../../../src/journal/write/encode-event.js'
import { asked } from '../data/call-events.js'
import { silent } from './database.js'

// A spool as a process, so that a test can set its limits: `node spool-child.js FOLDER`. For each line `FROM TO` on standard
// input it appends TO − FROM events, and prints `ok` or the error's code and message.

const spool = await Spool.open(process.argv[2]!, silent)
const call = newCallId()
for await (const line of createInterface({ input: process.stdin })) {
  const [from = 0, to = 0] = line.split(' ').map(Number)
  const rows = Array.from({ length: to - from }, (_, i) => encodeEvent(asked(call, from + i)))
  const said = await spool.append(rows).then(
    () => 'ok',
    error => `${codeOf(error)} ${(error as Error).message}`,
  )
  process.stdout.write(`${said}\n`)
}
