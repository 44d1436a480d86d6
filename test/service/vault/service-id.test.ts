// Real: folders and files. Fake: none.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { isUuid } from '../../../src/core/ids.js'
import { renewServiceId, serviceId, serviceIdPath } from '../../../src/vault/service-id.js'
import { scratch, silent } from '../../support/processes/database.js'

t.test('a data folder keeps its id, and gets another one only if it is a copy', async t => {
  const data = await scratch(t)
  const id = await serviceId(data, silent)
  t.ok(isUuid(id))
  t.equal(statSync(serviceIdPath(data)).mode & 0o777, 0o600)
  t.equal(await serviceId(data, silent), id)
  const renewed = await renewServiceId(data, silent)
  t.not(renewed, id)
  t.equal(await serviceId(data, silent), renewed)
  t.not(await serviceId(await scratch(t), silent), renewed, 'another folder has another one')
})

t.test('an id that cannot be stored leaves no draft, and drafts of killed services are removed', async t => {
  const data = await scratch(t)
  const path = serviceIdPath(data)
  // A rename cannot replace a folder.
  mkdirSync(path)
  await t.rejects(renewServiceId(data, silent), { code: 'EISDIR' })
  t.strictSame(readdirSync(data), ['service.id'])
  rmSync(path, { recursive: true })
  const draft = `${path}.4194305.${'0'.repeat(32)}.new`
  writeFileSync(draft, '')
  await renewServiceId(data, silent)
  t.strictSame(readdirSync(data), ['service.id'])
})

t.test('a damaged id is reported and not replaced', async t => {
  const data = await scratch(t)
  for (const text of ['', 'no id\n']) {
    writeFileSync(serviceIdPath(data), text)
    await t.rejects(serviceId(data, silent), { code: 'config.invalid', message: /service.id contains no id/ })
    t.equal(readFileSync(serviceIdPath(data), 'utf8'), text)
  }
})
