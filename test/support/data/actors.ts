import type { Actor } from '../../../src/core/actor.js'

/** A person at the command line. */
export const person = (name: string): Actor => ({ name, way: 'command', roles: ['superuser'] })
