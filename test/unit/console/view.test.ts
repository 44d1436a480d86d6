// Real: the view as it is read and kept. Fake: none.
import t from 'tap'
import { viewCookie, viewOf } from '../../../src/console/pages/view.js'
import { wordsIn } from '../../../src/console/pages/words/words.js'

const of = (headers: Record<string, string>) => viewOf({ headers })

t.test('the language is the first of the header that pages have', async t => {
  t.equal(of({}).language, 'en')
  t.equal(of({ 'accept-language': 'ru-RU,ru;q=0.9,en;q=0.8' }).language, 'ru')
  t.equal(of({ 'accept-language': 'de, en;q=0.5, ru;q=0.7' }).language, 'ru')
  t.equal(of({ 'accept-language': 'ru;q=0, en;q=0.1' }).language, 'en')
})

t.test('a kept view comes back as it was', async t => {
  for (const view of [
    { language: 'ru', theme: 'dark', zone: 'Europe/Moscow' },
    { language: 'en', theme: undefined, zone: undefined },
  ] as const) {
    for (const secure of [false, true]) {
      const [cookie] = viewCookie(view, secure).split(';')
      t.strictSame(of({ cookie: `a=b; ${cookie}; c=d`, 'accept-language': 'ru' }), view)
    }
  }
})

t.test(
  'where the console is reached by HTTPS, the cookie is from this host itself and for HTTPS only',
  async t => {
    const view = { language: 'ru', theme: 'dark', zone: undefined } as const
    t.match(
      viewCookie(view, true),
      /^__Host-consentry-view=[^;]+; Path=\/; Max-Age=\d+; SameSite=Strict; Secure$/,
    )
    const planted = 'consentry-view=language=en; __Host-consentry-view=language=ru'
    t.equal(of({ cookie: planted }).language, 'ru', 'one that another host has planted does not count')
  },
)

t.test('whatever is malformed in the cookie is left out', async t => {
  const cookie = 'consentry-view=language=<b>&theme=blue&zone=Nowhere/City'
  t.strictSame(of({ cookie }), { language: 'en', theme: undefined, zone: undefined })
})

t.test('the count of faults has its noun in the right form', t => {
  const forms = (language: 'en' | 'ru') => [0, 1, 2, 5, 21].map(count => wordsIn(language).now.faults(count))
  t.strictSame(forms('en'), ['faults', 'fault', 'faults', 'faults', 'faults'])
  t.strictSame(forms('ru'), ['сбоев', 'сбой', 'сбоя', 'сбоев', 'сбой'])
  t.end()
})
