// Real: all of it.
import t from 'tap'
import { counted, countedRu, plural } from '../../../src/lib/plural.js'

t.test('a count has the noun that English says', async t => {
  const said = [0, 1, 2, 21, 101].map(count => counted(count, 'recording', 'recordings'))
  t.strictSame(said, ['0 recordings', '1 recording', '2 recordings', '21 recordings', '101 recordings'])
  t.equal(counted(2, 'person', 'people'), '2 people')
})

t.test('a count has the noun that Russian says', async t => {
  const said = [0, 1, 2, 4, 5, 11, 12, 14, 21, 22, 25, 101, 111, 1_002].map(count =>
    countedRu(count, 'запись', 'записи', 'записей'),
  )
  t.strictSame(said, [
    ...['0 записей', '1 запись', '2 записи', '4 записи', '5 записей', '11 записей', '12 записей'],
    ...['14 записей', '21 запись', '22 записи', '25 записей', '101 запись', '111 записей', '1002 записи'],
  ])
  t.equal(countedRu(1.5, 'день', 'дня', 'дней'), '1.5 дня', 'a fraction takes the genitive')
})

t.test('a form that is not given is that of all others', async t => {
  t.equal(plural(1, { other: 'audio' }, 'en'), 'audio')
  t.equal(plural(5, { one: 'запись', other: 'записи' }, 'ru'), 'записи')
})
