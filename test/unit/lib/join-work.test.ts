// Real: the function. Fake: the work.
import t from 'tap'
import { joinWork } from '../../../src/lib/work.js'

t.test('who asks while the work is under way waits for it, and who asks later starts it again', async t => {
  let runs = 0
  let end = (_error?: Error) => {}
  const ask = joinWork(() => {
    runs++
    return new Promise<number>((resolve, reject) => {
      const run = runs
      end = error => (error ? reject(error) : resolve(run))
    })
  })
  const [first, second] = [ask(), ask()]
  end()
  t.strictSame(await Promise.all([first, second]), [1, 1])
  const failing = ask()
  end(new Error('no'))
  await t.rejects(failing, { message: 'no' })
  const last = ask()
  end()
  t.equal(await last, 3)
})
