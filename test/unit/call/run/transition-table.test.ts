// Real: the call machine, which is pure. Fake: none.
import t from 'tap'
import { transition, transitions } from '../../../../src/call/machine/call-machine.js'
import type { CallState } from '../../../../src/call/machine/call-states.js'
import {
  asideCommitted,
  asideLost,
  facts,
  key,
  recoveredState,
  says,
} from '../../../support/data/call-facts.js'
import { twoPurposes, voiceLine } from '../../../support/data/policies.js'
import { inquiries, late, stateAt, steps } from './state-at.js'

/**
 * What each fact does at each step: the step that follows, the orders, and the parts of the state that change. A fact without a
 * row changes nothing. `key` is the key for yes; `star` is the first key of a withdrawal; `spoken` is a spoken yes, and `no`, `weak` and
 * `unclear` are spoken too. `(yes)` is a call that has an earlier yes; `(voice)` is a call on a line by voice.
 * `(hasty)` is a call whose caller has pressed a key too early. `(telling)` to `(confirming)` are those of a question in the conversation.
 * `ended (committing)` is a call that has ended during such an answer, `(late)` a call that has come back then. `aside` and `aside-failed`
 * are the end of that commit.
 */
const TABLE = `
interrupted       | returned       | talking     | note-departure                                        | open
interrupted       | fault          | failing     | stop-leftover-prompts stop-prompt stop-waiting commit | pending
interrupted       | left           | talking     | stop-prompt stop-waiting note note-departure          | answers open
interrupted       | hanging-up     | ended       | stop-prompt stop-waiting note end                     | answers open
interrupted       | hung-up        | ended       | stop-prompt stop-waiting note end                     | answers open
interrupted       | recovered      | apologising | stop-leftover-prompts apologise                       | disclosed
interrupted (yes) | star           | interrupted |                                                       | typed
apologising       | heard          | asking      | ask                                                   | attempt
apologising       | key            | committing  | stop-prompt stop-waiting commit                       | pending
apologising       | commit-failed  | apologising | note                                                  |
apologising       | fault          | failing     | stop-prompt stop-waiting commit                       | pending
apologising       | left           | talking     | stop-prompt stop-waiting note note-departure          | answers open
apologising       | hanging-up     | ended       | stop-prompt stop-waiting note end                     | answers open
apologising       | hung-up        | ended       | stop-prompt stop-waiting note end                     | answers open
apologising       | star           | apologising | ignore-key                                            | asked
apologising (late) | aside          | apologising | correct-decision                                      | answers inquiry
apologising (late) | aside-failed   | apologising | note correct-decision                                 | answers inquiry
choosing          | heard          | choosing    | offer-language                                        | offer
choosing          | key            | disclosing  | stop-prompt stop-waiting note-language disclose       | chosen policy
choosing          | silence        | disclosing  | note-language disclose                                | chosen
choosing          | commit-failed  | choosing    | note                                                  |
choosing          | fault          | failing     | stop-prompt stop-waiting commit                       | pending
choosing          | left           | talking     | stop-prompt stop-waiting note note-departure          | answers open
choosing          | hanging-up     | ended       | stop-prompt stop-waiting note end                     | answers open
choosing          | hung-up        | ended       | stop-prompt stop-waiting note end                     | answers open
choosing          | star           | disclosing  | stop-prompt stop-waiting note-language disclose       | chosen
choosing (late)   | aside          | choosing    | correct-decision                                      | answers inquiry
choosing (late)   | aside-failed   | choosing    | note correct-decision                                 | answers inquiry
disclosing        | heard          | asking      | ask                                                   | attempt
disclosing        | key            | committing  | stop-prompt stop-waiting commit                       | pending
disclosing        | commit-failed  | disclosing  | note                                                  |
disclosing        | fault          | failing     | stop-prompt stop-waiting commit                       | pending
disclosing        | left           | talking     | stop-prompt stop-waiting note note-departure          | answers open
disclosing        | hanging-up     | ended       | stop-prompt stop-waiting note end                     | answers open
disclosing        | hung-up        | ended       | stop-prompt stop-waiting note end                     | answers open
disclosing        | star           | disclosing  | ignore-key                                            | asked
disclosing (hasty) | silence       | asking      | stop-prompt ask                                       | attempt
disclosing (late) | aside          | disclosing  | correct-decision                                      | answers inquiry
disclosing (late) | aside-failed   | disclosing  | note correct-decision                                 | answers inquiry
asking            | heard          | waiting     | wait                                                  |
asking            | key            | committing  | stop-prompt stop-waiting commit                       | pending
asking            | commit-failed  | asking      | note                                                  |
asking            | fault          | failing     | stop-prompt stop-waiting commit                       | pending
asking            | left           | talking     | stop-prompt stop-waiting note note-departure          | answers open
asking            | hanging-up     | ended       | stop-prompt stop-waiting note end                     | answers open
asking            | hung-up        | ended       | stop-prompt stop-waiting note end                     | answers open
asking            | star           | asking      | ignore-key                                            | asked
asking (voice)    | heard          | waiting     | tell-prompt-ended wait                                |
asking (voice)    | key            | committing  | end-hearing stop-prompt stop-waiting commit           | asked pending
asking (voice)    | hearing-lost   | asking      | note-hearing-lost                                     | asked
asking (voice)    | commit-failed  | asking      | note                                                  |
asking (voice)    | fault          | failing     | end-hearing stop-prompt stop-waiting commit           | asked pending
asking (voice)    | left           | talking     | end-hearing stop-prompt stop-waiting note note-departure | answers asked open
asking (voice)    | hanging-up     | ended       | end-hearing stop-prompt stop-waiting note end         | answers asked open
asking (voice)    | hung-up        | ended       | end-hearing stop-prompt stop-waiting note end         | answers asked open
asking (voice)    | star           | asking      | ignore-key                                            | asked
asking (late)     | aside          | asking      | correct-decision                                      | answers inquiry
asking (late)     | aside-failed   | asking      | note correct-decision                                 | answers inquiry
waiting           | key            | committing  | stop-prompt stop-waiting commit                       | pending
waiting           | silence        | asking      | ask                                                   | asked attempt
waiting           | commit-failed  | waiting     | note                                                  |
waiting           | fault          | failing     | stop-prompt stop-waiting commit                       | pending
waiting           | left           | talking     | stop-prompt stop-waiting note note-departure          | answers open
waiting           | hanging-up     | ended       | stop-prompt stop-waiting note end                     | answers open
waiting           | hung-up        | ended       | stop-prompt stop-waiting note end                     | answers open
waiting           | star           | waiting     | ignore-key                                            | asked
waiting (voice)   | key            | committing  | end-hearing stop-prompt stop-waiting commit           | asked pending
waiting (voice)   | silence        | asking      | end-hearing ask begin-hearing                         | asked attempt
waiting (voice)   | speaking       | waiting     |                                                       | asked
waiting (voice)   | spoken         | committing  | end-hearing stop-waiting commit                       | asked pending
waiting (voice)   | hearing-lost   | asking      | note-hearing-lost stop-waiting ask                    | asked attempt
waiting (voice)   | commit-failed  | waiting     | note                                                  |
waiting (voice)   | fault          | failing     | end-hearing stop-prompt stop-waiting commit           | asked pending
waiting (voice)   | left           | talking     | end-hearing stop-prompt stop-waiting note note-departure | answers asked open
waiting (voice)   | hanging-up     | ended       | end-hearing stop-prompt stop-waiting note end         | answers asked open
waiting (voice)   | hung-up        | ended       | end-hearing stop-prompt stop-waiting note end         | answers asked open
waiting (voice)   | star           | waiting     | ignore-key                                            | asked
waiting (voice)   | no             | committing  | end-hearing stop-waiting commit                       | asked pending
waiting (voice)   | weak           | asking      | note-speech stop-waiting end-hearing ask begin-hearing | asked attempt
waiting (voice)   | unclear        | asking      | note-speech stop-waiting end-hearing ask begin-hearing | asked attempt
waiting (late)    | aside          | waiting     | correct-decision                                      | answers inquiry
waiting (late)    | aside-failed   | waiting     | note correct-decision                                 | answers inquiry
committing        | committed      | confirming  | confirm prepare                                       | answers open pending tap
committing        | commit-failed  | releasing   | note return                                           | answers open pending
committing        | fault          | committing  |                                                       | fault
committing        | left           | talking     | stop-prompt stop-waiting note-departure               | answers open
committing        | hanging-up     | ended       | stop-prompt stop-waiting end                          | answers open
committing        | hung-up        | ended       | stop-prompt stop-waiting end                          | answers open
committing        | star           | committing  |                                                       | typed
committing (late) | aside          | committing  | correct-decision                                      | answers inquiry
committing (late) | aside-failed   | committing  | note correct-decision                                 | answers inquiry
confirming        | heard          | preparing   | limit-tap-wait                                        |
confirming        | commit-failed  | confirming  | note correct-decision                                 | answers
confirming        | prepared       | confirming  |                                                       | tap
confirming        | prepare-failed | confirming  | stop-prompt confirm                                   | tap
confirming        | fault          | preparing   | limit-tap-wait                                        |
confirming        | left           | talking     | stop-prompt stop-waiting note-departure               |
confirming        | hanging-up     | ended       | stop-prompt stop-waiting end                          |
confirming        | hung-up        | ended       | stop-prompt stop-waiting end                          |
confirming        | star           | confirming  |                                                       | typed
confirming (late) | aside          | confirming  |                                                       | answers inquiry
confirming (late) | aside-failed   | confirming  | note                                                  | answers inquiry
failing           | committed      | releasing   | return                                                | answers open pending
failing           | commit-failed  | releasing   | note return                                           | answers open pending
failing           | prepared       | failing     |                                                       | tap
failing           | prepare-failed | failing     |                                                       | tap
failing           | left           | talking     | stop-prompt stop-waiting note-departure               | answers open
failing           | hanging-up     | ended       | stop-prompt stop-waiting end                          | answers open
failing           | hung-up        | ended       | stop-prompt stop-waiting end                          | answers open
failing (late)    | aside          | failing     | correct-decision                                      | answers inquiry
failing (late)    | aside-failed   | failing     | note correct-decision                                 | answers inquiry
failing (yes)     | star           | failing     |                                                       | typed
preparing         | silence        | releasing   | give-up-tap return                                    | tap
preparing         | commit-failed  | preparing   | note correct-decision                                 | answers
preparing         | prepared       | releasing   | stop-waiting return                                   | tap
preparing         | prepare-failed | confirming  | stop-waiting confirm                                  | tap
preparing         | left           | talking     | stop-prompt stop-waiting note-departure               |
preparing         | hanging-up     | ended       | stop-prompt stop-waiting end                          |
preparing         | hung-up        | ended       | stop-prompt stop-waiting end                          |
preparing         | star           | preparing   |                                                       | typed
preparing (late)  | aside          | preparing   |                                                       | answers inquiry
preparing (late)  | aside-failed   | preparing   | note                                                  | answers inquiry
releasing         | commit-failed  | releasing   | note correct-decision                                 | answers
releasing         | returned       | talking     |                                                       |
releasing         | hung-up        | ended       | stop-prompt stop-waiting end                          |
releasing         | re-entered     | releasing   | note-return return-unasked                            | attempt tap
releasing         | star           | releasing   |                                                       | typed
releasing (late)  | aside          | releasing   |                                                       | answers inquiry
releasing (late)  | aside-failed   | releasing   | note                                                  | answers inquiry
talking           | commit-failed  | talking     | note correct-decision                                 | answers
talking           | hung-up        | ended       | stop-prompt stop-waiting end                          |
talking           | re-entered     | releasing   | return-unasked                                        | attempt tap
talking           | ask-now        | talking     | begin-inquiry tell                                    | inquiry
talking           | star           | talking     |                                                       | typed
talking (telling) | key            | talking     | ignore-key                                            |
talking (telling) | commit-failed  | talking     | note correct-decision                                 | answers
talking (telling) | fault          | talking     | end-whisper stop-waiting note                         | answers inquiry
talking (telling) | hung-up        | ended       | end-whisper stop-waiting note stop-prompt stop-waiting end | answers inquiry
talking (telling) | re-entered     | releasing   | end-whisper stop-waiting note return-unasked          | answers attempt inquiry tap
talking (telling) | whispered      | talking     | ask-aside                                             | inquiry
talking (telling) | not-whispered  | talking     | end-whisper stop-waiting note                         | answers inquiry
talking (telling) | alone          | talking     | end-whisper stop-waiting note                         | answers inquiry
talking (telling) | paused         | talking     | end-whisper stop-waiting note                         | answers inquiry
talking (telling) | star           | talking     |                                                       | inquiry typed
talking (asking)  | key            | talking     | end-whisper stop-waiting commit                       | inquiry
talking (asking)  | commit-failed  | talking     | note correct-decision                                 | answers
talking (asking)  | fault          | talking     | end-whisper stop-waiting note                         | answers inquiry
talking (asking)  | hung-up        | ended       | end-whisper stop-waiting note stop-prompt stop-waiting end | answers inquiry
talking (asking)  | re-entered     | releasing   | end-whisper stop-waiting note return-unasked          | answers attempt inquiry tap
talking (asking)  | whispered      | talking     | wait                                                  | inquiry
talking (asking)  | not-whispered  | talking     | end-whisper stop-waiting note                         | answers inquiry
talking (asking)  | alone          | talking     | end-whisper stop-waiting note                         | answers inquiry
talking (asking)  | paused         | talking     | end-whisper stop-waiting note                         | answers inquiry
talking (asking)  | star           | talking     |                                                       | inquiry typed
talking (waiting) | key            | talking     | end-whisper stop-waiting commit                       | inquiry
talking (waiting) | silence        | talking     | ask-aside                                             | inquiry
talking (waiting) | commit-failed  | talking     | note correct-decision                                 | answers
talking (waiting) | fault          | talking     | end-whisper stop-waiting note                         | answers inquiry
talking (waiting) | hung-up        | ended       | end-whisper stop-waiting note stop-prompt stop-waiting end | answers inquiry
talking (waiting) | re-entered     | releasing   | end-whisper stop-waiting note return-unasked          | answers attempt inquiry tap
talking (waiting) | alone          | talking     | end-whisper stop-waiting note                         | answers inquiry
talking (waiting) | paused         | talking     | end-whisper stop-waiting note                         | answers inquiry
talking (waiting) | star           | talking     |                                                       | inquiry typed
talking (committing) | commit-failed  | talking     | note correct-decision                                 | answers
talking (committing) | fault          | talking     |                                                       | inquiry
talking (committing) | hung-up        | ended       | end-whisper stop-waiting stop-prompt stop-waiting end | inquiry
talking (committing) | re-entered     | releasing   | end-whisper stop-waiting drop-purposes return-unasked | attempt inquiry tap
talking (committing) | alone          | talking     |                                                       | inquiry
talking (committing) | paused         | talking     |                                                       | inquiry
talking (committing) | aside          | talking     | tell prepare                                          | answers inquiry tap
talking (committing) | aside-failed   | talking     | end-whisper stop-waiting note                         | answers inquiry
talking (committing) | star           | talking     |                                                       | typed
talking (confirming) | commit-failed  | talking     | note correct-decision                                 | answers
talking (confirming) | prepared       | talking     |                                                       | tap
talking (confirming) | prepare-failed | talking     | end-whisper tell                                      | tap
talking (confirming) | fault          | talking     | end-whisper                                           | inquiry
talking (confirming) | hung-up        | ended       | end-whisper stop-waiting stop-prompt stop-waiting end | inquiry
talking (confirming) | re-entered     | releasing   | end-whisper stop-waiting drop-purposes return-unasked | attempt inquiry tap
talking (confirming) | whispered      | talking     | end-whisper                                           | inquiry
talking (confirming) | not-whispered  | talking     | end-whisper                                           | inquiry
talking (confirming) | alone          | talking     | end-whisper                                           | inquiry
talking (confirming) | paused         | talking     | end-whisper                                           | inquiry
talking (confirming) | star           | talking     |                                                       | typed
ended             | commit-failed  | ended       | note correct-decision                                 | answers
ended (committing) | commit-failed  | ended       | note correct-decision                                 | answers
ended (committing) | aside          | ended       |                                                       | answers inquiry
ended (committing) | aside-failed   | ended       | note                                                  | answers inquiry
`

const typed = {
  ...facts,
  aside: asideCommitted,
  'aside-failed': asideLost(twoPurposes),
  star: key('*'),
  no: says('no'),
  weak: says('weak'),
  unclear: says('unclear'),
}

/** What a fact does to a call, as a row of the table; undefined if it does nothing. */
function rowOf(name: string, before: CallState, fact: keyof typeof typed): string[] | undefined {
  const { state, orders } = transition(before, typed[fact])
  const changed = (Object.keys(state) as (keyof CallState)[]).filter(
    part => part !== 'step' && JSON.stringify(state[part]) !== JSON.stringify(before[part]),
  )
  if (state.step === before.step && changed.length === 0 && orders.length === 0) return undefined
  return [name, fact, state.step, orders.map(({ order }) => order).join(' '), changed.sort().join(' ')]
}

/** Names of facts that are another of the same kind. */
const SAME: Record<string, string> = {
  aside: 'committed',
  'aside-failed': 'commit-failed',
  star: 'key',
  no: 'spoken',
  weak: 'spoken',
  unclear: 'spoken',
}

const expected = TABLE.trim()
  .split('\n')
  .map(line => line.split('|').map(cell => cell.trim()))
  .map(row => [...row, ''].slice(0, 5))

t.test('each fact does at each step what the table says', async t => {
  const names = Object.keys(typed) as (keyof typeof typed)[]
  const yes = recoveredState(twoPurposes, 'service')
  const hasty = { ...stateAt('disclosing'), hasty: true }
  const found = steps.flatMap(step => {
    const rows = names.map(fact => rowOf(step, stateAt(step), fact))
    if (step === 'asking' || step === 'waiting') {
      const voice = stateAt(step, voiceLine)
      rows.push(...names.map(fact => rowOf(`${step} (voice)`, voice, fact)))
    }
    if (step === 'disclosing') rows.push(rowOf(`${step} (hasty)`, hasty, 'silence'))
    if (step === 'talking')
      for (const [name, state] of Object.entries(inquiries))
        rows.push(...names.map(fact => rowOf(`${step} (${name})`, state, fact)))
    if (step === 'ended') {
      const { state } = transition(inquiries['committing']!, facts['hung-up'])
      rows.push(...names.map(fact => rowOf(`${step} (committing)`, state, fact)))
    }
    const before = { ...stateAt(step), inquiry: late }
    if (step !== 'talking' && step !== 'ended')
      for (const fact of ['aside', 'aside-failed'] as const) rows.push(rowOf(`${step} (late)`, before, fact))
    if (step === 'interrupted') rows.push(rowOf(`${step} (yes)`, yes, 'star'))
    if (step === 'failing') rows.push(rowOf(`${step} (yes)`, transition(yes, facts.fault).state, 'star'))
    return rows.filter(row => row !== undefined)
  })
  t.strictSame(found, expected)
})

t.test('the table has a row for each rule of the machine, and no others', async t => {
  const rules = steps.flatMap(step => Object.keys(transitions[step]).map(fact => `${step} ${fact}`))
  const rows = expected.map(([step, fact]) => `${step!.split(' ')[0]} ${SAME[fact!] ?? fact}`)
  t.strictSame([...new Set(rows)].sort(), rules.sort())
})
