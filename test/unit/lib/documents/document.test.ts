// Real: HTML and dates, in this machine's time zone. Fake: none.
import t from 'tap'
import { Html, html, withLineBreaks } from '../../../../src/lib/documents/html.js'
import { localDay, longDay, momentText } from '../../../../src/lib/documents/moments.js'
import { pageStart } from '../../../../src/lib/documents/page.js'

t.test('values in a template are escaped unless they are HTML', async t => {
  const hostile = `<script>alert("1 & '2'")</script>`
  t.equal(
    html`<p>${hostile}</p>`.text,
    '<p>&lt;script&gt;alert(&quot;1 &amp; &#39;2&#39;&quot;)&lt;/script&gt;</p>',
  )
  t.equal(html`${[html`<b>${1}</b>`, '<', undefined, false]}`.text, '<b>1</b>&lt;')
  t.equal(withLineBreaks('one\n<two>').text, 'one<br>&lt;two&gt;')
  t.equal(html`${'Закон № 152'}`.text, 'Закон №\u00a0152', 'a sign and its number stay on one line')
})

t.test('no text can end the style sheet', async t => {
  t.equal(Html.style('a { b: "</style><script>" }').text, '<style>a { b: "/style>script>" }</style>')
  const page = pageStart('"; } </style><script>', 'en').text
  t.equal(page.match(/<script>/g), null)
  t.equal(page.match(/<\/style>/g)?.length, 1)
  t.match(page, /default-src 'none'/)
})

t.test('days and moments are shown in both languages, with the offset from UTC', async t => {
  t.equal(longDay('2029-03-03', 'ru'), '3 марта 2029 г.')
  t.equal(longDay('2029-12-31', 'en'), '31 December 2029')
  const noon = new Date(2026, 10, 24, 12, 5, 9)
  t.equal(localDay(noon, 'ru'), '24 ноября 2026 г.')
  t.match(momentText(noon, 'ru'), /^24\.11\.2026 12:05:09 \(UTC[+-]\d\d:\d\d\)$/)
  t.match(momentText(noon, 'en'), /^24 Nov 2026, 12:05:09 \(UTC[+-]\d\d:\d\d\)$/)
})
