// Real: PostgreSQL, the journal, ffmpeg, flite. Fake: none.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { checkAgainst, checkPrompts } from '../../../src/lines/check-prompts.js'
import { sayPrompt } from '../../../src/lines/prompts/make-prompts.js'
import { saveLines } from '../../../src/lines/save-lines.js'
import { promptsInForce } from '../../../src/prompts/prompts-in-force.js'
import { person } from '../../support/data/actors.js'
import { promptSetup } from '../../support/data/prompt-setup.js'
import { useVoices } from '../../support/processes/voices.js'

await useVoices()
const { deps } = await promptSetup(t)
const anna = person('anna')

t.test('a prompt that is said for a line of another brand names its company', async t => {
  const line = { ...labLines[1]!, number: '800', company: 'Daisy Ltd' }
  await saveLines(deps, anna, [line, { ...labLines[1]!, number: '801' }])
  await t.rejects(checkPrompts(deps.db, [line]), {
    message: /line 800, company: the prompt "disclosure-key" names another company/,
  })
  const say = async (number: string, values = {}) =>
    (
      await sayPrompt(deps, anna, {
        ...{ name: 'greeting', language: 'en', template: 'This is {company}.', line: number, values },
        engine: 'flite',
      })
    ).prompt
  t.match(await say('800'), { text: 'This is Daisy Ltd.', variables: { company: 'Daisy Ltd' } })
  t.match(
    await say('800', { company: 'Rose Ltd' }),
    { text: 'This is Rose Ltd.' },
    'unless another one is given',
  )
  const unnamed = { ...line, disclosure: 'question' }
  const known = await promptsInForce(deps.db)
  t.doesNotThrow(() => checkAgainst(known, [unnamed]), 'words that name no company fit')
  await t.rejects(checkPrompts(deps.db, [unnamed]), {
    message: /line 800, disclosure: the prompt "question" is no disclosure/,
  })
})
