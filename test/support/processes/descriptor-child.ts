import { execFileSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '../../../src/core/errors.js'
import { newCallId, newPartId } from '../../../src/core/ids.js'
import { Spool } from '../../../src/journal/spool/spool.js'
import { encodeEvent } from '../../../src/journal/write/encode-event.js'
import { objectName } from '../../../src/vault/store/object-name.js'
import { openStore } from '../../../src/vault/store/store.js'
import { asked } from '../data/call-events.js'
import { silent } from './database.js'

// Makes a file while this process may open one file and no second one: `node descriptor-child.js spool|store FOLDER`. Prints how that
// ended, and whether a file can be opened afterwards.

const [what = '', dir = ''] = process.argv.slice(2)

/** Runs a program without pipes to it. */
const run = (...[program = '', ...words]: string[]) => execFileSync(program, words, { stdio: 'ignore' })

/** The number that the next file gets; undefined if none can be opened. */
function nextFile(): number | undefined {
  try {
    const file = openSync('/dev/null', 'r')
    closeSync(file)
    return file
  } catch {
    return undefined
  }
}

async function makeFile(): Promise<() => Promise<unknown>> {
  if (what === 'spool') {
    const spool = await Spool.open(dir, silent)
    return () => spool.append([encodeEvent(asked(newCallId(), 0))])
  }
  const store = await openStore(`file:${join(dir, 'store')}`)
  const create = () => store.create(objectName('service', Date.now(), newPartId()))
  // The first one makes the folders.
  await (await create()).close()
  return create
}

const make = await makeFile()
// What Node opens for the first program stays open.
run('true')
run('prlimit', '--pid', String(process.pid), `--nofile=${nextFile()! + 1}:`)
const outcome = await make().then(
  () => 'made',
  error => codeOf(error) ?? String(error),
)
process.stdout.write(`${outcome}, ${nextFile() === undefined ? 'still open' : 'closed'}`)
