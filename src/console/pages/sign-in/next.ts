/** Where whoever has noted recovery codes goes on. */
export const NEXT = { 'sign-in': '/sign-in', setup: '/sign-in?next=/setup/key', me: '/me' }

export type Next = keyof typeof NEXT
