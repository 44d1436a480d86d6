import { labLines } from '../../../lab/lab-lines.js'
import { text as message } from '../../../src/core/message.js'
import { changeLines } from '../../../src/lines/change-lines.js'
import { updateDraft } from '../../../src/lines/draft-rows.js'
import { requestApproval } from '../../../src/lines/drafts/approve-draft.js'
import { beginDraft } from '../../../src/lines/drafts/edit-draft.js'
import { scheduleDraft } from '../../../src/lines/drafts/schedule-draft.js'
import { proposePrompt } from '../../../src/lines/prompts/propose-prompt.js'
import { proposeGroup } from '../../../src/lines/propose-group.js'
import { saveLines } from '../../../src/lines/save-lines.js'
import { readManifest, readMaster, shippedPromptFolder } from '../../../src/prompts/manifest.js'
import { insertPrompt, startPrompt } from '../../../src/prompts/stored-prompts.js'
import { person } from '../data/actors.js'
import type { TestConsole } from '../processes/console.js'

const DAY_MS = 86_400_000

/** What waits for a person, on the lines of `seed`: approvals, a time, a failed publication, and lines whose prompts need a look. */
export async function seedWaiting({ deps }: TestConsole): Promise<void> {
  const boris = person('boris')
  const line = labLines[1]!
  const drafted = async (number: string) => {
    const { id: draft } = await beginDraft(deps, boris, { line: number, input: { ...line, number } })
    return { draft, revision: 1 }
  }
  await requestApproval(deps, boris, await drafted('703'))
  await requestApproval(deps, boris, await drafted('711'))
  const publishAt = new Date(Date.now() + DAY_MS)
  await scheduleDraft(deps, boris, { ...(await drafted('702')), publishAt })
  const { draft } = await drafted('705')
  const failure = {
    at: new Date(),
    reason: message`Line ${'705'} is not in force: there is nothing to rebase on.`,
  }
  await updateDraft(deps.db, draft, { state: 'open', failure })
  await proposeGroup(deps, boris, { name: 'branch-offices', input: { waitMs: 4_000 } })

  const key = { name: 'our-hello', language: 'en' as const, version: 1 }
  const folder = shippedPromptFolder()
  const shipped = (await readManifest(folder)).find(({ name }) => name === line.disclosure)!
  const { text, sha256, lengthMs } = shipped
  const prompt = {
    ...{ template: text, variables: {}, text, says: { mode: 'key' as const }, sha256, lengthMs },
    ...{
      lufs: -19,
      truePeak: -3,
      how: 'upload' as const,
      engine: null,
      voice: null,
      madeBy: 'boris',
      changers: [],
    },
    ...{ madeAt: new Date(), wav: await readMaster(folder, shipped) },
  }
  await insertPrompt(deps.db, { ...key, ...prompt })
  await startPrompt(deps.db, key, { by: 'boris', at: new Date() })
  await insertPrompt(deps.db, { ...key, version: 2, ...prompt })
  await proposePrompt(deps, boris, { ...key, version: 2, step: 'publish' })
  const toOutsiders = { onOutsider: 'ask', outsiderDisclosure: 'disclosure-joined' }
  await changeLines(deps, boris, { ...line, number: '707', disclosure: key.name, ...toOutsiders })
  await saveLines(deps, boris, [{ ...line, number: '708', keys: { ...line.keys, yes: '5' } }])
}
