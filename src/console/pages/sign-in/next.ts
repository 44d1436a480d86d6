/** Where whoever has noted recovery codes goes on. */
export const NEXT = { now: '/now', company: '/setup/company', key: '/setup/key', me: '/me' }

export type Next = keyof typeof NEXT
