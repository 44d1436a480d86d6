import type { CallId } from '../../../src/core/ids.js'
import { startJournal } from '../../../src/journal/journal.js'
import { Spool } from '../../../src/journal/spool/spool.js'
import { asked } from '../data/call-events.js'
import { silent } from './database.js'

// A service's journal as a process that a test kills: `node journal-child.js URL FOLDER [CALL]`. It prints `ready`. With CALL it
// notes events of this call without end, and prints how many are in the spool. Without, it prints `caught up` when the journal
// has all events of the spool.

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
