import type { Deps } from '../../operations/deps.js'

/** What the functions behind `rights` work with. */
export const depsOf = (deps: Deps) => ({
  ...deps,
  locate: (object: string) => deps.store.locate(object),
})
