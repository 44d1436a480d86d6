import { correctPerson } from '../../rights/correct.js'
import { actor, reasonOf } from '../actor.js'
import { printJson, type Request, text, UsageError } from '../command.js'
import { withProject } from '../with-project.js'
import { depsOf } from './deps.js'

/** `rights correct NUMBER --to NUMBER --reason TEXT`. */
export async function correct(request: Request, number: string): Promise<number> {
  const to = text(request, 'to')
  if (!to) throw new UsageError('say which number is right: --to NUMBER')
  const stated = { number, to, reason: reasonOf(request), by: actor(request).name }
  const calls = await withProject(project => correctPerson(depsOf(project), stated))
  if (request.json) printJson({ calls })
  else process.stdout.write(`${calls} calls are now those of ${to}; the old number is erased.\n`)
  return 0
}
