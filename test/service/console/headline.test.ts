// Real: PostgreSQL with the console's role, the console's server, HTTP. Fake: the service's answer about its parts.
// The first page says that all is well only if the next caller who agrees would be recorded.
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { changeLines } from '../../../src/lines/change-lines.js'
import { recipientJson } from '../../../src/vault/crypto/key-json.js'
import { person } from '../../support/data/actors.js'
import { testConsole } from '../../support/processes/console.js'

const parts: Record<string, boolean> = { pbx: true, database: true }
const service = createServer((_, answer) => answer.end(JSON.stringify({ parts })))
await new Promise<void>(resolve => service.listen(0, '127.0.0.1', resolve))
t.teardown(() => service.close())
const { port } = service.address() as AddressInfo
const { app, deps, people } = await testConsole(t, {}, { CONSENTRY_HTTP: `127.0.0.1:${port}` })
const { headers } = await people('administrator')
const anna = person('anna')
const open = async (language = 'en') =>
  (await app.inject({ url: '/now', headers: { ...headers, 'accept-language': language } })).body
const headline = async (language?: string) =>
  /<h1 id="now-headline">.*?<\/span>(.*?)<\/h1>/s.exec(await open(language))?.[1]
const letOpen = async (...purposes: string[]) => {
  await mkdir(deps.config.data, { recursive: true })
  await writeFile(
    join(deps.config.data, 'recipients.json'),
    JSON.stringify(purposes.map(purpose => recipientJson(purpose, new Uint8Array(32).fill(9)))),
  )
}

t.test('without a line or a key nothing is well', async t => {
  t.match(await headline(), /^Nothing can be recorded yet\./)
  t.match(await headline('ru'), /^Пока ничего нельзя записать\./)
  await changeLines(deps, anna, { ...labLines[1]!, number: '900', mode: 'none' })
  await letOpen('service')
  const idle = await open()
  t.match(idle, 'Nothing can be recorded yet.')
  t.match(idle, /No line asks for consent[\s\S]*href="\/lines"/)
  t.notMatch(idle, 'class="light well"')
})

t.test('with a line and its key all systems are working, and with a part of the keys not', async t => {
  await changeLines(deps, anna, { ...labLines[1]!, number: '901' })
  t.match(await headline(), /^All systems are working\./)
  t.match(await open(), 'class="light well"')
  await changeLines(deps, anna, { ...labLines[5]!, number: '902' })
  t.match(await headline(), /^Some purposes cannot be recorded yet\./)
  await letOpen('service', 'marketing')
  t.match(await headline(), /^All systems are working\./)
})

t.test('a part that does not work is named', async t => {
  parts['pbx'] = false
  t.match(await headline(), /^Something is not working\./)
  t.match(await open(), 'Not working: the PBX.')
  t.match(await open('ru'), 'Не работает: АТС.')
})
