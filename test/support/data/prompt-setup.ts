import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { JournalledDeps } from '../../../src/accounts/deps.js'
import { readConfig } from '../../../src/config/config.js'
import { systemClock } from '../../../src/core/clock.js'
import type { MakePromptDeps } from '../../../src/lines/prompts/make-prompts.js'
import { scratch, type TestDatabase, testDatabase } from '../processes/database.js'
import { ffmpeg } from '../processes/ffmpeg.js'
import { startTestJournal } from './journal.js'

/** What making and publishing prompts works with, on a real database. */
export interface PromptSetup extends TestDatabase {
  deps: MakePromptDeps & JournalledDeps
  /** An empty folder for converted prompts. */
  dir: string
  /** The events about prompts, in order. */
  events(): Promise<{ type: string; data: Record<string, unknown> }[]>
}

/** Starts a database and a journal for prompts. They are stopped when the test ends. */
export async function promptSetup(t: Test): Promise<PromptSetup> {
  const database = await testDatabase(t)
  const { db, server } = database
  const dir = join(await scratch(t), 'prompts')
  await mkdir(dir)
  const config = readConfig({ CONSENTRY_DATA: dir, CONSENTRY_FFMPEG: ffmpeg }, 'tool')
  const journal = startTestJournal(t, server.url)
  return {
    ...{ ...database, dir, deps: { db, journal, clock: systemClock, config } },
    async events() {
      const { rows } = await database.asOwner.query<{ type: string; data: Record<string, unknown> }>(
        `select type, event.data || coalesce(p.data, '{}') as data
         from event left join event_personal p on p.event = uuid where type like 'prompt.%' order by id`,
      )
      return rows
    },
  }
}
