// Real: the walk through the folders. Fake: the listing of a folder.
import t from 'tap'
import { listBelow } from '../../../../src/vault/probe/messages.js'

const failing = (code: string) => Object.assign(new Error(code), { code })

/** Lists `/prompts`, which has the folders `en`, `.converting-1` and that of its volume. @param fault what the listing of one folder gives instead */
function listing(faulty: string, fault: Error) {
  const listed: string[] = []
  const list = async (folder: string) => {
    listed.push(folder)
    if (folder === faulty) throw fault
    const names = folder === '/prompts' ? ['.converting-1', 'lost+found', 'en'] : []
    return names.map(name => ({ name, isDirectory: () => true }))
  }
  return { listed, list }
}

t.test('a folder that is gone since its parent was listed is no fault', async t => {
  const { listed, list } = listing('/prompts/.converting-1', failing('ENOENT'))
  await listBelow('/prompts', list)
  t.strictSame(listed, ['/prompts', '/prompts/.converting-1', '/prompts/en'])
})

t.test('the folder of a volume that nobody but root can list is left out', async t => {
  const { listed, list } = listing('/prompts/lost+found', failing('EACCES'))
  await listBelow('/prompts', list)
  t.strictSame(listed, ['/prompts', '/prompts/.converting-1', '/prompts/en'])
})

t.test('a missing folder of prompts is a fault, and so is one below that cannot be listed', async t => {
  await t.rejects(listBelow('/prompts', listing('/prompts', failing('ENOENT')).list), { code: 'ENOENT' })
  await t.rejects(listBelow('/prompts', listing('/prompts/en', failing('EACCES')).list), { code: 'EACCES' })
})
