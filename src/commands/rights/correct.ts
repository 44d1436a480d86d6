import { counted } from '../../lib/plural.js'
import { correctPerson } from '../../rights/correct-person.js'
import { actor, reasonOf } from '../actor.js'
import { print, type Request, text, UsageError } from '../command.js'
import { withProject } from '../with-project.js'

/** `rights correct NUMBER --to NUMBER --reason TEXT`. */
export async function correct(request: Request, number: string): Promise<number> {
  const to = text(request, 'to')
  if (!to) throw new UsageError('say which number is right: --to NUMBER')
  const reason = reasonOf(request)
  const by = actor(request)
  const calls = await withProject(project => correctPerson(project, by, { number, to, reason }))
  return print(
    request,
    { calls },
    `${counted(calls, 'call is now one', 'calls are now those')} of ${to}; the old number is erased.\n`,
  )
}
