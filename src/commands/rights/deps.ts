import { systemClock } from '../../shared/clock.js'
import { createLog } from '../../shared/log.js'
import type { Project } from '../with-project.js'

/** What the functions behind `rights` work with. */
export const depsOf = (project: Project) => ({
  ...project,
  clock: systemClock,
  log: createLog('warn'),
  locate: (object: string) => project.store.locate(object),
})
