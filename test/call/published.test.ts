// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, the command as a process, ffmpeg, flite, espeak-ng. Fake: none.
// A draft of a line, or a prompt, is published while a call runs, and callers hear a language that a folder has added.
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { labLines } from '../../lab/lab-lines.js'
import { readConfig } from '../../src/config/config.js'
import { systemClock } from '../../src/core/clock.js'
import { sayPrompt } from '../../src/lines/prompts/make-prompts.js'
import { publishPrompt } from '../../src/lines/prompts/publish-prompts.js'
import { saveLines } from '../../src/lines/save-lines.js'
import { validateLine } from '../../src/lines/validate.js'
import { isHeard } from '../support/assertions/heard-words.js'
import { person } from '../support/data/actors.js'
import { german, germanFolder } from '../support/data/german.js'
import { startTestJournal } from '../support/data/journal.js'
import { promptSamples, startCallLab } from '../support/lab/call-lab.js'
import {
  dialAndGrant,
  dialIntoDisclosure,
  dialIntoQuestion,
  firstEvent,
  longLine,
  shortLine,
} from '../support/lab/fault-lab.js'
import type { PlacedCall } from '../support/lab/placed-call.js'
import { waitUntilInForce } from '../support/lab/prompt-in-force.js'
import { consentry } from '../support/processes/command.js'
import { PROMPTS } from '../support/processes/converted-prompts.js'
import { scratch, until } from '../support/processes/database.js'
import { ffmpeg } from '../support/processes/ffmpeg.js'
import { useVoices } from '../support/processes/voices.js'

await useVoices()
const CONSENTRY_LANGUAGES = await germanFolder(t)
// The waits are long, so that a publication falls into the first call on a busy machine, too.
const lines = [shortLine('340', { waitMs: 30_000 }), longLine('341'), longLine('611', { waitMs: 30_000 })]
const site = await startCallLab(t, { lines, env: { CONSENTRY_LANGUAGES } })
const deps = {
  ...{ db: site.db, clock: systemClock },
  journal: startTestJournal(t, site.lab.database.url),
  config: { ...readConfig({ ...site.lab.env, CONSENTRY_LANGUAGES }, 'tool'), ffmpeg },
}

const file = join(await scratch(t), 'line.json')

async function line(...args: string[]): Promise<string> {
  const { code, out, err } = await consentry(site.lab.env, 'line', ...args, '--by', 'anna', '--json')
  t.equal(code, 0, err)
  return out
}

/** Publishes a draft of a line, at once or at a time. */
async function publish(number: string, policy: object, ...at: string[]): Promise<void> {
  await writeFile(file, JSON.stringify({ ...labLines[1]!, number, ...policy }))
  const { id } = JSON.parse(await line('draft', 'new', number, '--file', file)) as { id: string }
  await line('publish', id, '--revision', '1', ...at)
}

t.test(
  'a draft that is published leaves a running call on its version; the next call has the new one',
  async t => {
    const running = await dialIntoQuestion(site, '340')
    await publish('340', { mode: 'notice', disclosure: 'disclosure-notice' })
    await running.caller.press('1')
    await running.waitForEvent('recording.part-started')
    const first = await running.finish()
    t.match(firstEvent(first, 'call.started'), { policy: 1, mode: 'key' })
    t.equal(first.decision, 'granted', 'the yes counts on the line as it was')

    const next = await dialIntoDisclosure(site, '340')
    const second = await next.finish()
    t.match(firstEvent(second, 'call.started'), { policy: 2, mode: 'notice' })
  },
)

t.test('the service publishes a draft at its time while it serves calls', async t => {
  const at = new Date(Date.now() + 30_000)
  await publish('341', { mode: 'none' }, '--at', at.toISOString())
  const before = await (await dialAndGrant(site, '341')).finish()
  const startedAt = Date.parse(before.startedAt)
  t.match(firstEvent(before, 'call.started'), startedAt < at.getTime() ? { policy: 1 } : { mode: String })
  await until(async () => {
    const rows = await site.db
      .selectFrom('line')
      .select(['version', 'created_at'])
      .where('number', '=', '341')
      .where('active', '=', true)
      .execute()
    if (rows[0]?.version !== 2) return false
    t.ok(rows[0].created_at >= at, 'not before its time')
    return true
  })
})

/** Says no. @returns the prompt that confirms it, as the journal has it */
async function refuse(call: PlacedCall): Promise<Record<string, unknown>> {
  await call.caller.press('2')
  const ended = await call.waitForEvent('prompt.ended', ({ role }) => role === 'refused')
  await call.finish()
  return ended
}

/** How callers hear a prompt, by the path of its converted files. */
function samplesAt(media: string): Int16Array {
  const bytes = readFileSync(`${media}.sln`)
  return Int16Array.from({ length: bytes.length >> 1 }, (_, i) => bytes.readInt16LE(2 * i))
}

t.test('a running call keeps its prompt, and the next caller hears the published one', async t => {
  const template = 'As you wish. Nobody will record what we talk about now.'
  const { prompt } = await sayPrompt(deps, person('anna'), {
    ...{ name: 'refused', language: 'en', template, engine: 'flite', voice: 'slt' },
  })
  const running = await dialIntoDisclosure(site, '611')
  await publishPrompt(deps, person('anna'), prompt)
  await waitUntilInForce(site, 1)
  const former = await refuse(running)
  t.match(former, { prompt: 'refused', version: 1, end: 'complete' })
  t.ok(isHeard(running.caller.heard.samples(), promptSamples('en', 'refused')), 'the former words')

  const next = await dialIntoDisclosure(site, '611')
  t.match(await refuse(next), {
    version: prompt.version,
    sha256: prompt.sha256,
    text: template,
    end: 'complete',
  })
  const media = join(PROMPTS, 'en', `refused-${prompt.sha256.slice(0, 12)}`)
  t.ok(existsSync(`${media}.played`), 'the PBX had played it to nobody before')
  const words = samplesAt(media)
  t.ok(isHeard(next.caller.heard.samples(), words), 'the published words')
  t.notOk(isHeard(running.caller.heard.samples(), words), 'which the former caller did not hear')
})

t.test('a caller of a line in a third language hears its words, and refuses', async t => {
  const language = 'de'
  const values = { company: 'Muster GmbH' }
  const spoken = new Map<string, string>()
  for (const name of ['disclosure-key', 'question', 'granted', 'refused', 'withdrawn']) {
    const { prompt } = await sayPrompt(deps, person('anna'), { name, language, values })
    await publishPrompt(deps, person('anna'), prompt)
    spoken.set(name, join(PROMPTS, language, `${name}-${prompt.sha256.slice(0, 12)}`))
  }
  await waitUntilInForce(site, 1 + spoken.size)
  await saveLines(deps, person('anna'), [validateLine({ ...longLine('612'), language })])
  // The service warns of the line when it has loaded it, because the line confirms a yes with the words of a no.
  await until(async () => (await site.lab.service.log()).includes('line 612'))
  const call = await dialIntoDisclosure(site, '612')
  const disclosed = await call.waitForEvent('prompt.ended', ({ role }) => role === 'disclosure')
  t.match(disclosed, { prompt: 'disclosure-key', text: /^Guten Tag, hier ist Muster GmbH/ })
  t.match(await refuse(call), { prompt: 'refused', text: german.prompts.refused, end: 'complete' })
  const heard = call.caller.heard.samples()
  t.ok(isHeard(heard, samplesAt(spoken.get('disclosure-key')!)), 'the disclosure')
  t.ok(isHeard(heard, samplesAt(spoken.get('refused')!)), 'the confirmation')
})
