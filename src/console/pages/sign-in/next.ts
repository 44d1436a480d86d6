/** The page that follows the recovery codes. */
export const NEXT = { now: '/now', company: '/setup/company', key: '/setup/key', me: '/me' }

export type Next = keyof typeof NEXT
