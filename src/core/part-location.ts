import type { Branded } from './ids.js'

/** The store of a part's container. The journal and the part's row state it, so that a part can move. */
export type PartLocation = Branded<'PartLocation'>

/** The store that `CONSENTRY_STORE` names: folders that every service of the installation sees. */
export const DISK = 'disk' as PartLocation
