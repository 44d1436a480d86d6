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

t.test('dates are written as in the region of the browser', async t => {
  const locale = (header: string, cookie = '') => of({ 'accept-language': header, cookie }).locale
  t.equal(locale('en-GB,en;q=0.9'), 'en-GB')
  t.equal(locale('en,en-US;q=0.9'), 'en-US')
  t.equal(locale('ru-KZ,ru;q=0.9,en-US;q=0.8'), 'ru-KZ')
  t.equal(locale('en'), 'en')
  t.equal(locale(''), 'en')
  t.equal(
    locale('ru-RU,ru', 'consentry-view=language=en'),
    'en-001',
    'English chosen in Russia: day before month',
  )
  t.equal(locale('en-US', 'consentry-view=language=ru'), 'ru')
  t.equal(locale('zh-Hans-CN, en;q=0.5'), 'en-001')
  t.equal(locale('en-ZZ'), 'en-001')
  t.equal(locale('<b>en-GB'), 'en')
})

t.test('a kept view comes back as it was', async t => {
  for (const view of [
    { language: 'ru', isChosen: true, theme: 'dark', zone: 'Europe/Moscow', locale: 'ru' },
    { language: 'en', isChosen: true, theme: undefined, zone: undefined, locale: 'en' },
    { language: 'ru', isChosen: false, theme: undefined, zone: 'Asia/Almaty', locale: 'ru' },
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
    const view = { language: 'ru', isChosen: true, theme: 'dark', zone: undefined } as const
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
  t.match(of({ cookie }), { language: 'en', isChosen: false, theme: undefined, zone: undefined })
})

t.test('the count of faults has its noun in the right form', t => {
  const forms = (language: 'en' | 'ru') => [0, 1, 2, 5, 21].map(count => wordsIn(language).now.faults(count))
  t.strictSame(forms('en'), ['faults', 'fault', 'faults', 'faults', 'faults'])
  t.strictSame(forms('ru'), ['сбоев', 'сбой', 'сбоя', 'сбоев', 'сбой'])
  t.end()
})
