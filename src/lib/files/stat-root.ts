import { stat } from 'node:fs/promises'

/** Node runs `stat` on a thread. The root's inode is always in memory, so `stat` needs no disk that could hang. */
export const statRoot = (): Promise<unknown> => stat('/')
