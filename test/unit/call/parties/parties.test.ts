// Real: the table that says what may be recorded, which is pure. Fake: none.
import t from 'tap'
import type { Announcement, PurposeAnswer } from '../../../../src/call/machine/call-states.js'
import { termsOf } from '../../../../src/call/machine/withdrawal.js'
import {
  type Agreed,
  agreedOn,
  type Party,
  sidesOf,
  standingIn,
  verdictOn,
} from '../../../../src/call/parties/parties.js'
import { announcementOf, covers } from '../../../../src/call/run/announcement.js'
import type { Leg } from '../../../../src/core/audio.js'
import type { LinePolicy, OutsiderRule } from '../../../../src/core/policy.js'
import { promptsOf } from '../../../support/data/call-facts.js'
import { keyLine } from '../../../support/data/policies.js'

const terms = termsOf(keyLine)
const announced: Announcement = { basis: 'consent', days: 30, asked: true }
const agreed = (...purposes: string[]): Agreed => new Map(purposes.map(purpose => [purpose, announced]))
const caller = (...purposes: string[]): Party => ({ side: 'outside', agreed: agreed(...purposes) })
const agent: Party = { side: 'inside' }

t.test('recordings go on only while everybody from outside has agreed to all of them', async t => {
  const cases: [recorded: string[], own: string[], others: Party[], verdict: string][] = [
    [[], [], [caller()], 'record'],
    [['service'], ['service'], [], 'record'],
    [['service'], ['service'], [agent, agent], 'record'],
    [['service'], ['service'], [agent, caller('service')], 'record'],
    [['service'], ['service'], [agent, caller()], 'party'],
    [['service'], ['service'], [caller('marketing')], 'party'],
    [['service', 'marketing'], ['service', 'marketing'], [caller('service')], 'party'],
    [['service'], ['service', 'marketing'], [caller('service')], 'record'],
    [['service'], [], [], 'line'],
    [['service'], ['marketing'], [caller()], 'line'],
  ]
  for (const [recorded, own, others, verdict] of cases)
    t.equal(verdictOn(recorded, agreed(...own), others), verdict, JSON.stringify({ recorded, own, others }))
  const notice: Party = { side: 'outside', agreed: new Map([['service', { ...announced, asked: false }]]) }
  t.equal(verdictOn(['service'], agreed('service'), [notice]), 'party', 'a notice is no yes')
})

t.test('where the line says so, the caller alone is recorded beside somebody who has not agreed', async t => {
  const cases: [recorded: string[], own: string[], others: Party[], rule: OutsiderRule, sides: Leg[]][] = [
    [['service'], ['service'], [agent, caller('service')], 'own-side', ['caller', 'agent']],
    [['service'], ['service'], [agent, caller()], 'own-side', ['caller']],
    [['service'], ['service'], [agent, caller()], 'pause', []],
    [['service', 'marketing'], ['service', 'marketing'], [caller('service')], 'own-side', ['caller']],
    [['service'], [], [caller('service')], 'own-side', []],
    [['service'], [], [caller()], 'own-side', []],
    [[], [], [caller()], 'own-side', ['caller', 'agent']],
  ]
  for (const [recorded, own, others, rule, sides] of cases)
    t.strictSame(
      sidesOf(verdictOn(recorded, agreed(...own), others, rule)),
      sides,
      JSON.stringify({ recorded, own, others, rule }),
    )
})

t.test('a yes covers what is the same or less', async t => {
  t.ok(covers(announced, announced))
  t.ok(covers(announced, { ...announced, days: 7, asked: false }))
  t.notOk(covers(announced, { ...announced, days: 31 }), 'a longer term')
  t.notOk(covers(announced, { ...announced, basis: 'contract' }), 'another basis')
  t.notOk(covers({ ...announced, asked: false }, announced), 'a notice where callers are asked')
})

const [asking] = keyLine.purposes as [LinePolicy['purposes'][number]]
const anotherQuestion = { ...asking, prompts: { ...asking.prompts, question: 'question-another' } }
const wordsOf = (changes: Partial<LinePolicy>, purpose = asking, version = 1) =>
  announcementOf({ ...keyLine, ...changes }, purpose, promptsOf(version))

t.test('a yes covers only what was told in the same words', async t => {
  const given = wordsOf({})
  t.ok(covers(given, wordsOf({ number: '200', keys: { ...keyLine.keys, yes: '5' } })))
  t.notOk(covers(given, wordsOf({ disclosure: 'disclosure-another' })), 'another disclosure')
  t.notOk(covers(given, wordsOf({}, anotherQuestion)), 'another question')
  t.notOk(covers(given, wordsOf({}, asking, 2)), 'a new version of the words')
  t.ok(covers(given, wordsOf({ language: 'ru' })), 'the same in another language')
  t.ok(covers(given, wordsOf({ language: 'ru' }, asking, 2)), 'whose versions are counted by themselves')
  t.notOk(covers(given, wordsOf({ language: 'ru', disclosure: 'disclosure-another' })))
  t.ok(covers(given, wordsOf({ mode: 'notice' })), 'a notice in the words of the disclosure')
  t.notOk(covers(given, wordsOf({ mode: 'notice', disclosure: 'disclosure-notice' })))
  const notice = wordsOf({ mode: 'notice' })
  t.ok(covers(notice, notice))
  const { words: _, ...wordless } = given
  t.ok(covers(wordless, given), 'nothing was played')
  t.ok(covers(given, wordless))
  const none = announcementOf(keyLine, asking, { find: () => undefined })
  t.notOk(covers(given, none), 'a prompt that does not exist')
})

t.test('callers who were told the same purpose in other words are not recorded together', async t => {
  const agreedTo = (words: Announcement): Agreed => new Map([['service', words]])
  const other = (words: Announcement): Party => ({ side: 'outside', agreed: agreedTo(words) })
  const own = agreedTo(wordsOf({}))
  const verdict = (party: Party) => verdictOn(['service'], own, [party])
  t.equal(verdict(other(wordsOf({ number: '200', language: 'ru' }))), 'record')
  t.equal(verdict(other(wordsOf({ disclosure: 'disclosure-another' }))), 'party')
  const asked = { ...other(wordsOf({ disclosure: 'disclosure-another' })), also: [own] }
  t.equal(verdict(asked), 'record', 'who has agreed to this recording besides')
})

t.test('an answer holds on another line if that line tells it in the same words', async t => {
  const yes: PurposeAnswer = { purpose: 'service', answer: 'granted', terms, announced: wordsOf({}) }
  const holds = (line: Partial<LinePolicy>, answer = yes, version = 1) =>
    agreedOn({ ...keyLine, ...line }, [answer], promptsOf(version)).has('service')
  t.ok(holds({ number: '200', language: 'ru' }))
  t.notOk(holds({ disclosure: 'disclosure-another' }))
  t.notOk(holds({ purposes: [anotherQuestion] }))
  t.notOk(holds({}, yes, 2), 'the words have a new version')
  t.ok(holds({ disclosure: 'disclosure-another', purposes: [] }), 'the line does not know the purpose')
  const announced = { basis: 'consent', days: 30, asked: true }
  t.ok(holds({ disclosure: 'disclosure-another' }, { ...yes, announced }), 'nothing was played')
})

t.test('on the line where a call began, too, a yes holds only if that line tells the same', async t => {
  const policy: LinePolicy = { ...keyLine, disclosure: 'disclosure-another' }
  // The caller refused there, was sent on, and agreed on another line.
  const answers: PurposeAnswer[] = [{ purpose: 'service', answer: 'granted', terms, announced: wordsOf({}) }]
  const state = { policy, answers, prompts: promptsOf(1) }
  const agreed = (recoveredOn?: LinePolicy) => [...standingIn(recoveredOn, [], () => [])(state).agreed.keys()]
  t.strictSame(agreed(), [])
  t.strictSame(agreed(policy), ['service'], 'of a recovered call the line is not known')
  t.strictSame(agreed({ ...policy }), [], 'until its caller comes to a line, even to the same one')
})

t.test('an answer holds on another line if that line tells the same', async t => {
  const line = (changes: Partial<LinePolicy>, purpose: object = {}): LinePolicy => ({
    ...keyLine,
    purposes: keyLine.purposes.map(one => ({ ...one, legalBasis: 'consent', retentionDays: 30, ...purpose })),
    ...changes,
  })
  const yes: PurposeAnswer = { purpose: 'service', answer: 'granted', terms, announced }
  const notice: PurposeAnswer = {
    purpose: 'service',
    answer: 'notice',
    terms,
    announced: { ...announced, asked: false },
  }
  const holds = (on: LinePolicy, ...answers: PurposeAnswer[]) => [...agreedOn(on, answers).keys()]
  t.strictSame(holds(line({}), yes), ['service'])
  t.strictSame(holds(line({ mode: 'none' }), yes), [], 'the line records nothing')
  t.strictSame(holds(line({}, { retentionDays: 60 }), yes), [])
  t.strictSame(holds(line({}, { legalBasis: 'contract' }), yes), [])
  t.strictSame(holds(line({}), notice), [], 'the line asks')
  t.strictSame(holds(line({ mode: 'notice' }), notice, yes), ['service'])
  t.strictSame(holds(line({}), { ...yes, withdrawn: true }, { ...yes, answer: 'refused' }), [])
  t.strictSame(
    holds(line({}, { purpose: 'marketing' }), yes),
    ['service'],
    'the line does not know the purpose',
  )
  const first = line({}, { retentionDays: 60 })
  const state = { policy: first, answers: [yes] }
  const standing = (barred: boolean) => standingIn(first, barred ? ['service'] : [], () => ['old'])
  const { agreed, recorded, answered } = standing(false)(state)
  t.equal(agreed.size, 1, 'the line of a recovered call may have changed')
  t.strictSame([recorded, answered], [['old', 'service'], true])
  t.equal(standing(true)(state).agreed.size, 0, 'the line that barred it is not known')
  t.equal(standing(true)({ ...state, policy: line({}) }).agreed.size, 1)
  t.match(standing(false)(state), { onOutsider: 'pause', onHold: 'record' })
  t.equal(standing(false)({ ...state, policy: line({ onHold: 'pause' }) }).onHold, 'pause')
  t.equal(standing(false)({ ...state, policy: line({ onOutsider: 'own-side' }) }).onOutsider, 'own-side')
  for (const answer of ['refused', 'silent', 'failed', 'abandoned'] as const)
    t.match(
      standing(false)({ ...state, answers: [{ ...yes, answer }] }),
      { recorded: ['old'], answered: true, refused: ['service'] },
      answer,
    )
  t.strictSame(standing(false)(state).refused, [])
  t.strictSame(standing(false)({ ...state, answers: [{ ...yes, withdrawn: true }] }).refused, ['service'])
})
