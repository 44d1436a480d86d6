// Real: PostgreSQL, the journal, ffmpeg, flite, the converted files. Fake: none.
import { chmodSync, cpSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { AppError } from '../../../src/core/errors.js'
import { sql } from '../../../src/db/database.js'
import { checkPrompts } from '../../../src/lines/check-prompts.js'
import { listPrompts, promptVersions, wherePrompt } from '../../../src/lines/prompts/find-prompts.js'
import { sayPrompt } from '../../../src/lines/prompts/make-prompts.js'
import { publishPrompt, withdrawPrompt } from '../../../src/lines/prompts/publish-prompts.js'
import { saveLines } from '../../../src/lines/save-lines.js'
import type { Line } from '../../../src/lines/validate.js'
import { type LivePromptBook, startLivePrompts } from '../../../src/prompts/live-prompts.js'
import { person } from '../../support/data/actors.js'
import { promptSetup } from '../../support/data/prompt-setup.js'
import { PROMPTS } from '../../support/processes/converted-prompts.js'
import { silent, until } from '../../support/processes/database.js'
import { ffmpeg } from '../../support/processes/ffmpeg.js'
import { useVoices } from '../../support/processes/voices.js'

await useVoices()
const { deps, dir, events, asService } = await promptSetup(t)
const anna = person('anna')
const english: Line = {
  ...labLines.find(line => line.language === 'en' && line.mode === 'key')!,
  number: '700',
}
await saveLines(deps, anna, [english])

// Shipped prompts that other tests have converted need not be converted again: this test is about published ones.
if (existsSync(PROMPTS)) cpSync(PROMPTS, dir, { recursive: true })
const unusable: string[] = []
const open = (tool: string): Promise<LivePromptBook> =>
  startLivePrompts({
    ...{ db: deps.db, dir, ffmpeg: tool, log: silent },
    onUnusable: (prompt, reason) => unusable.push(`${prompt.name} ${prompt.version} ${reason}`),
  })
const say = (name: string, template: string, more = {}) =>
  sayPrompt(deps, anna, { name, language: 'en', template, voice: 'slt', ...more })

t.test(
  'a published prompt is heard by later calls without a restart; a running call keeps its own',
  async t => {
    const book = await open(ffmpeg)
    t.teardown(() => book.stop())
    const shipped = await book.ready('en', 'granted')
    const running = book.forCall()
    const { prompt } = await say('granted', 'Thank you. Acme records this call.')
    t.match(prompt, {
      version: 2,
      state: 'draft',
      how: 'speech',
      engine: 'flite',
      says: { answer: 'granted' },
    })
    t.equal((await book.ready('en', 'granted')).sha256, shipped.sha256, 'a draft is not heard')
    t.strictSame(await publishPrompt(deps, anna, { name: 'granted', language: 'en', version: 2 }), {
      ...{ name: 'granted', language: 'en', version: 2, replaced: null },
    })
    await until(async () => (await book.ready('en', 'granted')).version === 2)
    t.match(await book.ready('en', 'granted'), {
      text: 'Thank you. Acme records this call.',
      sha256: prompt.sha256,
    })
    t.equal((await running.ready('en', 'granted')).sha256, shipped.sha256, 'the running call')
    t.equal((await book.forCall().ready('en', 'granted')).sha256, prompt.sha256, 'the next call')

    await withdrawPrompt(deps, anna, { name: 'granted', language: 'en', version: 2 })
    await until(async () => (await book.ready('en', 'granted')).version === 1)
    t.match(await events(), {
      length: 3,
      0: {
        type: 'prompt.saved',
        data: { prompt: 'granted', by: 'anna', sha256: prompt.sha256, how: 'speech' },
      },
      1: { type: 'prompt.published', data: { version: 2, replaced: null } },
      2: { type: 'prompt.withdrawn', data: { version: 2 } },
    })
  },
)

t.test('a version that cannot be converted leaves the former in use, and says so once', async t => {
  const first = await say('refused', 'This call will not be recorded at all.')
  await publishPrompt(deps, anna, first.prompt)
  const failing = join(t.testdir({}), 'ffmpeg')
  writeFileSync(failing, `#!/bin/sh\n[ "$1" = -version ] || exit 1\n`)
  chmodSync(failing, 0o755)
  await (await open(ffmpeg)).stop()
  const book = await open(failing)
  t.teardown(() => book.stop())
  t.equal((await book.ready('en', 'refused')).sha256, first.prompt.sha256, 'converted before')
  const second = await say('refused', 'This call will certainly not be recorded.')
  await publishPrompt(deps, anna, second.prompt)
  await until(() => unusable.length > 0)
  t.strictSame(unusable, [`refused ${second.prompt.version} tool.failed`])
  t.equal(book.unusable.length, 1)
  t.match(book.unusable[0], { check: 'en/refused version 3', detail: /^en\/refused version 3: / })
  t.equal((await book.ready('en', 'refused')).sha256, first.prompt.sha256)
  await book.stop()

  const restarted = await open(failing)
  t.teardown(() => restarted.stop())
  t.equal((await restarted.ready('en', 'refused')).sha256, first.prompt.sha256, 'also after a restart')
  await restarted.stop()
  const mended = await open(ffmpeg)
  t.equal((await mended.ready('en', 'refused')).sha256, second.prompt.sha256)
  t.strictSame(mended.unusable, [])
  await mended.stop()
})

t.test('a version that the PBX has not played, or cannot play, is never heard', async t => {
  const { prompt } = await say('refused', 'As you wish. Nothing at all is recorded.')
  await publishPrompt(deps, anna, prompt)
  unusable.length = 0
  let answer: 'away' | 'cannot' | 'plays' = 'away'
  const played: string[] = []
  const book = await startLivePrompts({
    ...{ db: deps.db, dir, ffmpeg, log: silent },
    onUnusable: ({ name, version }, reason, detail) =>
      unusable.push(`${name} ${version} ${reason} ${detail}`),
    async play(files) {
      played.push(...files.map(({ extension }) => extension))
      if (answer === 'away') throw new AppError('pbx.unavailable', 'away')
      if (answer === 'cannot') throw new AppError('prompt.damaged', 'the PBX cannot play its alaw file')
      return true
    },
  })
  t.teardown(() => book.stop())
  const version = async () => (await book.ready('en', 'refused')).version
  const former = await version()
  t.not(former, prompt.version, 'the PBX is away: the version waits')
  t.strictSame(
    played,
    ['alaw', 'ulaw', 'g722', 'sln', 'sln16'],
    'a PBX that is away is asked for one prompt only',
  )
  t.strictSame(unusable, [])
  const reload = () => sql`select pg_notify('prompt_changed', '')`.execute(deps.db)
  answer = 'cannot'
  await reload()
  await until(async () => unusable.length > 0)
  t.ok(unusable.includes(`refused ${prompt.version} prompt.damaged the PBX cannot play its alaw file`))
  // The alarm is raised when all prompts are loaded.
  await until(async () => book.unusable.length > 0)
  t.equal(await version(), former, 'callers go on hearing the former')
  answer = 'plays'
  await reload()
  await until(async () => (await version()) === prompt.version)
  t.strictSame(book.unusable, [])
})

t.test('a prompt that contradicts a line in force is not published, and the other way round', async t => {
  const { prompt } = await say('question', 'Do you agree? For yes, press {yes}. For no, press {no}.', {
    values: { yes: '5', no: '6' },
  })
  t.match(prompt, {
    text: 'Do you agree? For yes, press five. For no, press six.',
    says: { yes: '5', no: '6' },
  })
  const uses = english.purposes.some(({ prompts }) => prompts.question === 'question')
  t.ok(uses, 'the line asks with it')
  await t.rejects(publishPrompt(deps, anna, prompt), {
    code: 'policy.invalid',
    message: /line 700, keys\.yes/,
  })
  const renamed = await say('question-five', 'Do you agree? For yes, press {yes}. For no, press {no}.', {
    values: { yes: '5', no: '6' },
  })
  await publishPrompt(deps, anna, renamed.prompt)
  const purposes = english.purposes.map(one => ({
    ...one,
    prompts: { ...one.prompts, question: 'question-five' },
  }))
  const lines = [{ ...english, purposes }]
  await t.rejects(checkPrompts(deps.db, lines), {
    code: 'policy.invalid',
    message: /says key 5 for yes/,
  })
})

t.test(
  'a prompt that a line needs cannot be withdrawn, and no version can be removed or changed',
  async t => {
    const own = await say('refused-own', 'We will not record.')
    await publishPrompt(deps, anna, own.prompt)
    const purposes = english.purposes.map(one => ({
      ...one,
      prompts: { ...one.prompts, refused: 'refused-own' },
    }))
    await saveLines(deps, anna, [{ ...english, number: '701', purposes }])
    t.match(await wherePrompt(deps, own.prompt), {
      lines: [{ number: '701', version: 1, inForce: true }],
      lastHeard: null,
    })
    await t.rejects(withdrawPrompt(deps, anna, own.prompt), {
      code: 'policy.invalid',
      message: /there is no prompt "refused-own"/,
    })
    await t.rejects(asService.query('delete from prompt_version'), /permission denied/)
    await t.rejects(asService.query(`update prompt_version set text = 'x'`), /permission denied/)
    await t.rejects(asService.query('delete from prompt_audio'), /permission denied/)
    t.match(
      (await listPrompts(deps)).find(({ name }) => name === 'refused-own'),
      { inForce: true, state: 'published' },
    )
    await t.rejects(promptVersions(deps, { name: 'nothing', language: 'en' }), { code: 'not-found' })
    await t.rejects(promptVersions(deps, { name: '../x', language: 'en' }), { code: 'request.invalid' })
  },
)

t.test('after all files are lost, a start makes them from the database', async t => {
  rmSync(dir, { recursive: true })
  const book = await open(ffmpeg)
  t.teardown(() => book.stop())
  t.equal((await book.ready('en', 'refused-own')).text, 'We will not record.')
})
