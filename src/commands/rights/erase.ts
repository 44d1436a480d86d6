import pc from 'picocolors'
import { counted } from '../../lib/plural.js'
import { dayCheckOf } from '../../recordings/retain/day-check.js'
import { type ErasureResult, erasePerson } from '../../rights/erase-person.js'
import { actor, reasonOf } from '../actor.js'
import { print, type Request } from '../command.js'
import { foundNowhere } from '../found-nowhere.js'
import { DECIDE } from '../heard-text.js'
import { table } from '../table.js'
import { withProject } from '../with-project.js'

/** `rights erase NUMBER --reason TEXT`; exits 1 while anything stays. */
export async function erase(request: Request, number: string): Promise<number> {
  const reason = reasonOf(request)
  const by = actor(request)
  const erased = await withProject(
    project => erasePerson({ ...project, day: dayCheckOf(project) }, by, { number, reason }),
    'destroyer',
  )
  print(request, erased, report(erased))
  return erased.stays.length === 0 ? 0 : 1
}

/** Data that an erasure does not reach. The person has a right to know how long it stays. */
const ELSEWHERE =
  'Backups of the database and its write-ahead log still have what was erased. Answer until when: docs/rights.md#erasing.\n'

/** Why the files of the tables still contain it as well. */
const STILL_IN_TABLES: Record<ErasureResult['bytes'], string> = {
  rewritten: '',
  busy: 'So do the files of the tables, because others were using these: the service removes it there within a day.\n',
  'too-large':
    'So do the files of the tables, which are too large to be rewritten while calls come: docs/rights.md#erasing says how.\n',
}

const WHY = {
  held: 'is held',
  running: 'is still recorded',
  left: 'is not destroyed yet, the next purge goes on',
  missing: 'was found in no store',
  heard: 'is heard in recordings of others',
}

function report({ calls, recordings, act, stays, bytes }: ErasureResult): string {
  if (calls === 0 && stays.length === 0)
    return `${pc.yellow('There are no calls of this number')}, so nothing was erased: see that it is written as the PBX gives it.\n`
  const done = `Erased: the personal data of ${counted(calls, 'call', 'calls')}; ${counted(recordings, 'recording', 'recordings')} destroyed${act ? ` under act ${act}` : ''}.\n`
  const elsewhere = `${ELSEWHERE}${STILL_IN_TABLES[bytes]}`
  if (stays.length === 0) return `${done}${elsewhere}`
  const rows = stays.map(({ call, why, holds, recordings, heardIn }) => [
    call,
    pc.yellow(WHY[why]),
    holds.map(({ hold, reason }) => `${hold}: ${reason}`).join('\n'),
    String(recordings.length),
    heardIn.join('\n'),
  ])
  const missing = stays.filter(({ why }) => why === 'missing').flatMap(one => one.recordings).length
  const remaining = table(['call', 'stays because it', 'holds', 'recordings', 'heard in'], rows)
  const heard = stays.some(one => one.heardIn.length > 0) ? DECIDE : ''
  return `${done}${remaining}${foundNowhere(missing)}${heard}Run it again once that is over.\n${elsewhere}`
}
