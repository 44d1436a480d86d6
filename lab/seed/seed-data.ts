import { readFile } from 'node:fs/promises'
import type { Deps } from '../../src/accounts/deps.js'
import { acknowledgeRules, publishRules } from '../../src/accounts/rules.js'
import { addToken } from '../../src/accounts/tokens.js'
import { recordTraining } from '../../src/accounts/training.js'
import { findUser } from '../../src/accounts/users.js'
import { readConfig } from '../../src/config/config.js'
import type { Actor, Role } from '../../src/core/actor.js'
import { DAY_MS, dayOf, systemClock } from '../../src/core/clock.js'
import { openDatabase } from '../../src/db/database.js'
import { expectedMarking } from '../../src/db/installation.js'
import { startJournal } from '../../src/journal/journal.js'
import type { Log } from '../../src/lib/log.js'
import { changeLines } from '../../src/lines/change-lines.js'
import { approveDraft, requestApproval } from '../../src/lines/drafts/approve-draft.js'
import { beginDraft } from '../../src/lines/drafts/edit-draft.js'
import { scheduleDraft } from '../../src/lines/drafts/schedule-draft.js'
import { changeGroup } from '../../src/lines/groups.js'
import { addPrompt } from '../../src/lines/prompts/make-prompts.js'
import { proposeGroup } from '../../src/lines/propose-group.js'
import { masterPath, shippedPromptFolder } from '../../src/prompts/manifest.js'
import { openKeyStore } from '../../src/vault/keys/key-store.js'
import { openStore } from '../../src/vault/store/store.js'
import { addReadyUser } from '../lab-admin.js'
import { labLines } from '../lab-lines.js'

/** The line whose callers are seeded. It belongs to the seeded group. */
export const SEEDED_LINE = '106'
const GROUP = 'branch-offices'

const PEOPLE: readonly { name: string; role: Role }[] = [
  { name: 'supervisor', role: 'supervisor' },
  { name: 'auditor', role: 'auditor' },
  { name: 'privacy', role: 'privacy-officer' },
  { name: 'operator', role: 'operator' },
]

const RULES = [
  'Hear a recording only for a reason that you can name.',
  'Tell nobody what you have heard.',
  'Do not write it down.',
]

/** A second actor for the lab's setup. An administrator could not approve their own proposal. */
const BORIS: Actor = { name: 'boris', way: 'command', roles: ['superuser'] }
/** Approves changes, if lines need a second person. */
const CLARA: Actor = { name: 'clara', way: 'command', roles: ['superuser'] }

/**
 * Fills a lab with data for every page besides its lines: people of every role, rules, trainings, a group with a line,
 * a draft that awaits an approval, one that comes into force tomorrow, a proposal for the group, a draft of a prompt,
 * and a token. Everything is done and journalled as people do it. A lab with this data stays unchanged.
 *
 * @param env in which the command uses the lab
 * @param url of the database's owner
 * @returns whether the lab had no such data
 * @throws AppError as the operations
 */
export async function seedData(env: Record<string, string>, url: string, log: Log): Promise<boolean> {
  const config = readConfig(env, 'tool')
  const db = openDatabase(url)
  const journal = startJournal(url, log)
  try {
    const marking = await expectedMarking(db, 'verb')
    const [store, keyStore] = [
      await openStore(config.store, marking),
      await openKeyStore(config.keystore, marking),
    ]
    const deps: Deps = { config, db, journal, store, keyStore, clock: systemClock, log }
    if (await isSeeded(deps)) return false
    await seedPeople(deps)
    await seedLines(deps)
    await seedPrompt(deps)
    return true
  } finally {
    await journal.stop()
    await db.close()
  }
}

const isSeeded = async ({ db }: Deps): Promise<boolean> =>
  (await db.selectFrom('rules').select('id').limit(1).executeTakeFirst()) !== undefined

async function seedPeople(deps: Deps): Promise<void> {
  const today = dayOf(deps.clock.now())
  const admin = await deps.db.transaction().execute(trx => findUser(trx, 'admin'))
  await publishRules(deps, BORIS, RULES.slice(0, 2).join('\n'))
  const version = await publishRules(deps, BORIS, RULES.join('\n'))
  for (const { name, role } of PEOPLE) await addReadyUser(deps, { name, roles: [role] })
  for (const { name } of [admin, ...PEOPLE.slice(0, 2)]) {
    await recordTraining(deps, BORIS, name, { what: 'How to treat recordings', on: today })
    const { id: user, roles } = await deps.db.transaction().execute(trx => findUser(trx, name))
    await acknowledgeRules(deps, { user, name, roles, way: 'console' }, version)
  }
  await addToken(deps, BORIS, { name: 'crm', roles: ['supervisor'], expiresAt: null })
}

async function seedLines(deps: Deps): Promise<void> {
  const line = labLines.find(({ number }) => number === '101')!
  const { number: _, waitMs, ...shared } = line
  // If lines need a second person, they need one from here on.
  const first = { withoutApproval: true }
  await changeGroup(deps, BORIS, { name: GROUP, input: shared }, first)
  await changeLines(deps, BORIS, { number: SEEDED_LINE, group: GROUP, waitMs }, first)
  await proposeGroup(deps, BORIS, { name: GROUP, input: { ...shared, retries: 2 } })
  const drafted = async (changes: object, of: string) => {
    const input = { ...line, number: of, ...changes }
    const { id: draft, revision } = await beginDraft(deps, BORIS, { line: of, input })
    return { draft, revision }
  }
  await requestApproval(deps, BORIS, await drafted({ waitMs: 4_000 }, line.number))
  const tomorrow = new Date(deps.clock.now() + DAY_MS)
  const timed = await drafted({}, '107')
  await requestApproval(deps, BORIS, timed)
  await approveDraft(deps, CLARA, timed)
  await scheduleDraft(deps, BORIS, { ...timed, publishAt: tomorrow })
}

async function seedPrompt(deps: Deps): Promise<void> {
  const name = 'granted'
  const sound = await readFile(masterPath(shippedPromptFolder(), { language: 'en', name }))
  await addPrompt(deps, BORIS, { name, language: 'en', sound, how: 'upload' })
}
