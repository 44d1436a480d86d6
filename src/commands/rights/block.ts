import { counted } from '../../lib/plural.js'
import { blockPerson, unblockPerson } from '../../rights/block-person.js'
import { actor, reasonOf } from '../actor.js'
import { print, type Request } from '../command.js'
import { withProject } from '../with-project.js'

/** `rights block NUMBER --reason TEXT`. */
export async function block(request: Request, number: string): Promise<number> {
  const reason = reasonOf(request)
  const by = actor(request)
  const { hold, kept, gone } = await withProject(project => blockPerson(project, by, { number, reason }))
  return print(
    request,
    { hold, blocked: kept, gone },
    `${counted(kept, 'recording is', 'recordings are')} blocked (${hold}), and those to come: they can be neither played nor exported nor destroyed.${gone > 0 ? ` ${counted(gone, 'was', 'were')} destroyed before.` : ''}\n`,
  )
}

/** `rights unblock NUMBER --reason TEXT`. */
export async function unblock(request: Request, number: string): Promise<number> {
  const reason = reasonOf(request)
  const by = actor(request)
  const lifted = await withProject(project => unblockPerson(project, by, { number, reason }))
  return print(request, { unblocked: lifted }, 'The block is lifted: everything follows its term again.\n')
}
