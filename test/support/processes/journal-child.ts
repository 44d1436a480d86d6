import { startJournal } from '../../../src/journal/journal.js'
import { Spool } from '../../../src/journal/spool/spool.js'
import type { CallId } from '../../../src/shared/ids.js'
import { asked } from '../data/call-events.js'
import { silent } from './database.js'

// A service's journal in a process of its own, to be killed: `node journal-child.js URL FOLDER [CALL]`. It prints `ready`, then
// either notes events of a call without end, and prints how many of them are in the spool; or prints `caught up` when all is in.

const [url, dir, call] = process.argv.slice(2)
const journal = startJournal(url!, silent, await Spool.open(dir!, silent))
const say = (word: unknown) => process.stdout.write(`${word}\n`)
say('ready')
if (call) {
  let noted = 0
  setInterval(() => {
    for (let i = 0; i < 20; i++) journal.note(asked(call as CallId, noted++))
    say(journal.counts.spooled)
  }, 2)
} else {
  await journal.idle()
  say('caught up')
  await journal.stop()
}
