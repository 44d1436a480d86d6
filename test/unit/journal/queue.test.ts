import t from 'tap'
import { type Entry, Queue } from '../../../src/journal/queue.js'

// Nothing is real but the queue itself.

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

t.test('it takes from the front what fits, and at least one', async t => {
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

t.test('what is put back comes first, in its order', async t => {
  const queue = new Queue()
  for (const one of [entry('a'), entry('b'), entry('c')]) queue.push(one)
  queue.putBack(queue.take(2))
  queue.push(entry('d'))
  t.equal(queue.events, 4)
  t.strictSame(rows(queue.take(10)), ['a', 'b', 'c', 'd'])
})

t.test('what is removed no longer counts', async t => {
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
