// Real: LivePage. Fake: none.
import t from 'tap'
import { LivePage } from '../../../src/console/pages/now/live-now.js'

const partsOf = (bytes: Buffer) => {
  const event = bytes.toString()
  t.match(event, /^data: [^\n]+\n\n$/, 'an event is one line')
  return JSON.parse(event.slice('data: '.length)) as { at: number; parts: Record<string, string> }
}

t.test('an event has the parts that have changed since the turn that a browser has seen', async t => {
  const page = new LivePage()
  page.update(1_000, { a: 'one', b: 'two\nlines' })
  t.strictSame(partsOf(page.eventSince(0)), { at: 1_000, parts: { a: 'one', b: 'two\nlines' } })
  page.update(2_000, { a: 'one', b: 'three' })
  t.strictSame(partsOf(page.eventSince(1)), { at: 2_000, parts: { b: 'three' } })
  page.update(3_000, { a: 'four', b: 'three' })
  t.strictSame(partsOf(page.eventSince(2)).parts, { a: 'four' })
  t.strictSame(partsOf(page.eventSince(1)).parts, { a: 'four', b: 'three' }, 'a slow one misses nothing')
  t.strictSame(partsOf(page.eventSince(0)).parts, { a: 'four', b: 'three' }, 'nor does a new one')
  page.update(4_000, { a: 'four', b: 'three' })
  t.strictSame(partsOf(page.eventSince(3)), { at: 4_000, parts: {} }, 'a sign of life')
})

t.test('an event is made once for all who have seen the same', async t => {
  const page = new LivePage()
  page.update(1_000, { a: 'x'.repeat(100) })
  t.equal(page.eventSince(0), page.eventSince(0))
})
