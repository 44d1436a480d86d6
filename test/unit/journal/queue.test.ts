// Real: the queue. Fake: the events.
import t from 'tap'
import type { CallId } from '../../../src/core/ids.js'
import { type Entry, Queue } from '../../../src/journal/write/queue.js'

const entry = (...rows: string[]): Entry => ({
  rows,
  types: rows.map(() => 'call.answered'),
  calls: [],
  awaited: false,
  sent: false,
  abandoned: false,
  settle: () => undefined,
})

const rows = (entries: Entry[]) => entries.map(({ rows }) => rows.join('+'))

t.test('`take` returns the first entries that fit, and at least one', async t => {
  const queue = new Queue()
  for (const one of [entry('a', 'b', 'c'), entry('d'), entry('e'), entry('f', 'g')]) queue.push(one)
  t.equal(queue.events, 7)
  t.strictSame(rows(queue.take(1)), ['a+b+c'])
  t.strictSame(rows(queue.take(3)), ['d', 'e'])
  t.equal(queue.events, 2)
  t.strictSame(rows(queue.take(100)), ['f+g'])
  t.ok(queue.isEmpty)
  t.strictSame(queue.take(5), [])
})

t.test('entries that are put back come first, in order', async t => {
  const queue = new Queue()
  for (const one of [entry('a'), entry('b'), entry('c')]) queue.push(one)
  queue.putBack(queue.take(2))
  queue.push(entry('d'))
  t.equal(queue.events, 4)
  t.strictSame(rows(queue.take(10)), ['a', 'b', 'c', 'd'])
})

t.test('removed entries no longer count', async t => {
  const queue = new Queue()
  const [first, second] = [entry('a', 'b'), entry('c')]
  queue.push(first)
  queue.push(second)
  t.strictSame(
    queue.remove(one => one === first),
    [first],
  )
  t.strictSame(
    queue.remove(one => one === first),
    [],
  )
  t.equal(queue.events, 1)
  t.strictSame(rows(queue.take(10)), ['c'])
})

/** An event of these calls. @param answer whether the entry is awaited */
const about = (row: string, calls: string[], answer = false): Entry => ({
  ...entry(row),
  calls: calls as CallId[],
  awaited: answer,
})

t.test('answers are taken separately, each with the waiting entries of its call', async t => {
  const queue = new Queue()
  const given = [
    about('a1', ['a']),
    about('b1', ['b']),
    about('s', []),
    about('a2', ['a'], true),
    about('a3', ['a']),
  ]
  for (const one of given) queue.push(one)
  queue.answersReserved = true
  t.ok(queue.canTakeAnswers)
  const notes = queue.take(100)
  t.strictSame(rows(notes), ['b1', 's'])
  t.notOk(queue.canTake, 'the rest is left to whoever takes answers')
  t.strictSame(rows(queue.takeAnswers(100)), ['a1', 'a2', 'a3'])
  t.notOk(queue.isDrained, 'entries that were taken are not finished')
  queue.push(about('a4', ['a']))
  queue.push(about('b2', ['b'], true))
  t.notOk(
    queue.canTake || queue.canTakeAnswers,
    'further entries of a call wait until its taken entries are finished',
  )
  queue.finish(notes)
  t.strictSame(rows(queue.takeAnswers(100)), ['b2'])
})

t.test('the entries of a call keep their order when not all of them fit', async t => {
  const queue = new Queue()
  for (const one of [about('a1', ['a'], true), about('b1', ['b'], true), about('a2', ['a'], true)])
    queue.push(one)
  queue.answersReserved = true
  t.strictSame(rows(queue.takeAnswers(1)), ['a1'])
  t.strictSame(rows(queue.takeAnswers(5)), ['b1'])
  t.notOk(queue.canTakeAnswers)
})

t.test(
  'answers are not taken separately if an entry is about two calls, or if nobody asks for that',
  async t => {
    const queue = new Queue()
    for (const one of [about('a1', ['a'], true), about('ab', ['a', 'b'], true), about('a2', ['a'])])
      queue.push(one)
    queue.answersReserved = true
    t.notOk(queue.canTakeAnswers)
    t.ok(queue.hasAwaitedNonAnswer)
    t.strictSame(rows(queue.take(100)), ['a1', 'ab', 'a2'])
    const other = new Queue()
    other.push(about('a1', ['a'], true))
    t.strictSame(rows(other.take(1)), ['a1'])
  },
)
