import { existsSync } from 'node:fs'
import type { Test } from 'tap'
import type { PartId } from '../../src/core/ids.js'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { exactly } from '../support/assertions/exactly.js'
import { type CallLab, storedFiles } from '../support/lab/call-lab.js'

/**
 * Asserts that a call's only recording is destroyed after a withdrawal, with an act.
 *
 * @param parts all parts of the recording
 */
export async function isDestroyed(t: Test, lab: CallLab, call: CallTimeline, parts: PartId[]): Promise<void> {
  t.match(call.recordings, exactly({ state: 'destroyed' }))
  const { id, files } = call.recordings[0]!
  await t.rejects(lab.open(id), { code: 'key.missing' }, 'nobody can open it')
  t.notOk(files.some(existsSync), 'its containers are gone')
  const { keys } = await storedFiles(lab)
  t.notOk(
    parts.some(part => keys.includes(part)),
    'its keys are gone',
  )
  const acts = await lab.db
    .selectFrom('act_item')
    .innerJoin('act', 'act.id', 'act_item.act')
    .where('recording', '=', id)
    .select(['act.cause', 'act.number', 'act.closed_at', 'act_item.person'])
    .execute()
  t.match(
    acts,
    exactly({ cause: 'withdrawal', number: Number, closed_at: Date, person: /^\*+\d{4}$/ }),
    'there is an act',
  )
}
