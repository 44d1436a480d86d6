// Real: PostgreSQL, journal, Chromium, the command. Fake: the destruction, which only its events describe.
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { newActId } from '../../../../src/core/ids.js'
import type { Operator } from '../../../../src/core/operator.js'
import type { WrittenLanguage } from '../../../../src/core/policy.js'
import { startJournal } from '../../../../src/journal/journal.js'
import { saveDocument } from '../../../../src/lib/documents/save.js'
import { projectRoot } from '../../../../src/lib/process/project.js'
import { actDocument } from '../../../../src/recordings/acts/act-document.js'
import { findAct, listActs } from '../../../../src/recordings/acts/act-rows.js'
import { exactly } from '../../../support/assertions/exactly.js'
import { journalAct } from '../../../support/data/journalled-act.js'
import { chromium } from '../../../support/processes/chromium.js'
import { consentry } from '../../../support/processes/command.js'
import { consentryTogether } from '../../../support/processes/commands-together.js'
import { scratch, silent, testDatabase } from '../../../support/processes/database.js'

const { db, server } = await testDatabase(t)
const journal = startJournal(server.url, silent)
t.teardown(() => journal.stop())

const callers = Array.from({ length: 30 }, (_, i) => `+79001230${String(100 + i)}`)
const term = await journalAct(db, journal, { number: 1, callers })
const HOSTILE = `</td><script>alert('1')</script> & "кавычки"`
await journalAct(db, journal, {
  number: 2,
  callers: ['', '<b>anonymous</b>'],
  cause: 'erasure',
  reason: HOSTILE,
  by: 'petrova<i>',
})
await journalAct(db, journal, { number: 3, callers: callers.slice(0, 1), cause: 'withdrawal', reason: '' })

const operator: Operator = {
  name: 'ООО «Пример Связи»',
  address: '101000, г. Москва, ул. Мясницкая, д. 1',
  taxId: '7701234567',
  system: 'ИСПДн «Телефония»',
  processor: { name: 'ООО «Колл-центр Волга»', address: '443001, г. Самара' },
  officer: { name: 'Иванова Ирина Игоревна', position: 'специалист по защите данных' },
}

async function rendered(
  number: number,
  language: WrittenLanguage,
  by: Operator | null = operator,
): Promise<string> {
  let text = ''
  for await (const piece of actDocument(db, await findAct(db, String(number)), language, by ?? undefined))
    text += piece
  return text
}
/** The visible text of the page, on one line. */
const plain = (page: string): string =>
  page
    .replace(/<style>.*?<\/style>/s, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/[\s\u00a0]+/g, ' ')

const FIELDS: Record<WrittenLanguage, [field: string, content: RegExp][]> = {
  ru: [
    ['number and title', /АКТ № 1 об уничтожении персональных данных/],
    ['the requirements', /приказом Роскомнадзора от 28\.10\.2022 № 179/],
    ['а) operator', /1 Оператор: наименование, адрес ООО «Пример Связи» 101000, г\. Москва.* ИНН 7701234567/],
    ['б) processor', /2 Лицо, обрабатывавшее данные по поручению оператора ООО «Колл-центр Волга» 443001/],
    ['в) persons', /3 Субъекты персональных данных, .* Всего 30 вызовов, 30 записей\./],
    [
      'г) who destroyed, position, signature',
      /4 Лицо, уничтожившее .* специалист по защите данных Иванова.*должность подпись фамилия/,
    ],
    ['д) categories', /5 Категории .* голос абонента.*качество обслуживания — 30/],
    ['е) medium', /6 Материальный носитель, количество листов Не применимо/],
    ['ж) system', /7 Информационная система персональных данных ИСПДн «Телефония»/],
    ['з) method', /8 Способ уничтожения файл с ключом .* перезаписан.*удалён/],
    ['и) reason', /9 Причина уничтожения .*истёк срок хранения.*«Retention term is over»/],
    ['к) date', /10 Дата уничтожения начато \d\d\.03\.2026 .* завершено \d\d\.03\.2026/],
    ['kept for three years', /три года, до 3 марта 2029 г\./],
    ['the extract', /ПРИЛОЖЕНИЕ К АКТУ № 1 Выгрузка из журнала регистрации событий/],
  ],
  en: [
    ['number and title', /ACT No\. 1 of destruction of personal data/],
    ['the requirements', /order No\. 179 of Roskomnadzor of 28 October 2022/],
    [
      'operator',
      /1 Operator \(controller\): name and address ООО «Пример Связи» 101000.* Registration number 7701234567/,
    ],
    ['processor', /2 Processor of the data on behalf of the operator ООО «Колл-центр Волга»/],
    ['persons', /3 Data subjects .* 30 calls, 30 recordings\./],
    [
      'who destroyed',
      /4 Person who destroyed .* специалист по защите данных Иванова.*position signature full name/,
    ],
    ['categories', /5 Categories .* caller&#39;s voice.*quality of service — 30/],
    ['medium', /6 Physical medium, number of sheets Not applicable/],
    ['system', /7 Personal data information system ИСПДн «Телефония»/],
    ['method', /8 Method of destruction the file with the encryption key .*overwritten/],
    ['reason', /9 Reason for destruction .*storage period.*“Retention term is over”/],
    ['date', /10 Date of destruction begun \d+ Mar 2026, .* completed \d+ Mar 2026/],
    ['kept for three years', /three years, until 3 March 2029/],
    ['the extract', /ANNEX TO ACT No\. 1 Extract from the event journal/],
  ],
}

for (const language of ['ru', 'en'] as const) {
  t.test(`the act has every field of order 179 (${language})`, async t => {
    const text = plain(await rendered(1, language))
    for (const [field, content] of FIELDS[language]) t.match(text, content, field)
  })

  t.test(`the extract names every person, call, recording, reason and date (${language})`, async t => {
    const text = plain(await rendered(1, language))
    for (const [i, { call, recording }] of term.calls.entries()) {
      const digits = callers[i]!.slice(-4)
      const row = new RegExp(`•{8}${digits} \\d.* ${call} ${recording} [^0-9]+ \\d.*\\(UTC.*?\\) \\d+ `)
      t.match(text, row, `row ${i + 1}`)
      t.notMatch(text, callers[i]!.slice(1), 'no number is shown in full')
    }
  })

  t.test(`without an operator there are lines to fill in (${language})`, async t => {
    const page = await rendered(1, language, null)
    t.equal(page.match(/class="blank"/g)?.length, 5)
    t.notMatch(page, /undefined|null/)
  })
}

t.test('text from outside is escaped', async t => {
  for (const language of ['ru', 'en'] as const) {
    const page = await rendered(2, language, { ...operator, name: HOSTILE, address: 'a\n<b>' })
    t.notMatch(page, /<script|<i>|<b>/)
    t.match(page, /&lt;\/td&gt;&lt;script&gt;alert\(&#39;1&#39;\)&lt;\/script&gt; &amp; &quot;кавычки&quot;/)
    t.match(page, 'petrova&lt;i&gt;')
  }
})

t.test('each cause has its reason and its categories of data', async t => {
  const erased = plain(await rendered(2, 'ru'))
  t.match(erased, /по требованию субъекта.*номер телефона абонента.*часть 1 статьи 14/)
  t.match(erased, /номер не определён/, 'a caller without a number')
  const withdrawn = plain(await rendered(3, 'ru'))
  t.match(withdrawn, /отзывом согласия.*абонент отозвал согласие.*часть 5 статьи 21/)
  t.notMatch(withdrawn, /Указано/)
  t.match(plain(await rendered(3, 'en')), /Articles 7\(3\) and 17\(1\)\(b\)/)
})

t.test('an open act and an unknown act have no document', async t => {
  const id = newActId()
  await db.insertInto('act').values({ id, cause: 'term', reason: 'r', by: 'b' }).execute()
  const open = await findAct(db, id)
  await t.rejects(actDocument(db, open, 'ru', operator).next(), { code: 'not-found', message: /not closed/ })
  for (const name of ['99', '0', '1e3', "1'; drop table act", newActId()])
    await t.rejects(findAct(db, name), { code: 'not-found' })
  t.same((await listActs(db)).map(({ number }) => number).sort(), [1, 2, 3, null])
})

t.test('Chromium prints the act on one page, table heads on the other pages, and page numbers', async t => {
  // The file stays, so that a person can look at it.
  const dir = join(projectRoot(), '.cache', 'documents')
  mkdirSync(dir, { recursive: true })
  for (const language of ['ru', 'en'] as const) {
    const file = join(dir, `act-${language}.pdf`)
    await saveDocument(file, actDocument(db, await findAct(db, '1'), language, operator), chromium)
    const pdf = readFileSync(file)
    t.equal(pdf.toString('latin1', 0, 5), '%PDF-')
    t.equal(statSync(file).mode & 0o777, 0o600, 'only its owner can read it')
    const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length
    // The number of rows on a page depends on the fonts.
    t.ok(
      pages !== undefined && pages >= 3 && pages <= 4,
      `the act, and two or three pages of thirty rows: ${pages}`,
    )
  }
})

t.test('a failed print or write gives an error, and leaves no file behind', async t => {
  const dir = await scratch(t)
  const pages = async () => actDocument(db, await findAct(db, '3'), 'ru', operator)
  const pdf = join(dir, 'act.pdf')
  await t.rejects(saveDocument(pdf, await pages(), 'no-such-chromium'), {
    code: 'tool.missing',
    message: /apt-get install chromium/,
  })
  await t.rejects(saveDocument(pdf, await pages(), 'false'), { code: 'tool.failed' })
  await t.rejects(saveDocument(join(dir, 'none', 'act.html'), await pages(), chromium), {
    code: 'store.unwritable',
  })
  t.throws(() => statSync(pdf))
})

t.test('the command lists, shows and writes', async t => {
  const dir = await scratch(t)
  const env = { DATABASE_URL: server.url, CONSENTRY_DATA: dir, CONSENTRY_OPERATOR: JSON.stringify(operator) }
  const list = await consentry(env, 'act', 'list', '--json')
  t.match(
    JSON.parse(list.out),
    exactly({ number: null }, { number: 3 }, { number: 2, by: 'petrova<i>' }, { number: 1 }),
  )
  const shown = await consentryTogether(env, 'act', 'show', '1', '--json')
  t.match(JSON.parse(shown.out), {
    number: 1,
    recordings: 30,
    items: { length: 30, 0: { person: '********0100' } },
  })
  const file = join(dir, 'act.html')
  t.match(await consentryTogether(env, 'act', 'show', '1', '--lang', 'en', '-o', file), {
    code: 0,
    out: /act 1/,
  })
  t.match(plain(readFileSync(file, 'utf8')), /ACT No\. 1 .* ООО «Пример Связи»/)
  t.match(await consentryTogether(env, 'act', 'show', '7'), { code: 1, err: /No act has/ })
  t.match(await consentryTogether(env, 'act', 'show', '1', '--lang', 'fr'), { code: 2, err: /ru or en/ })
})
