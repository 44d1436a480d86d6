/** Where whoever has noted recovery codes goes on. */
export const NEXT = { now: '/now', setup: '/setup/key', me: '/me' }

export type Next = keyof typeof NEXT
