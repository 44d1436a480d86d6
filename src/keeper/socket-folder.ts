import * as fs from 'node:fs'
import { lstat, mkdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { promisify } from 'node:util'

// Numbers, not file handles: Node closes the file of a handle that is garbage-collected.
const [open, fstat] = [promisify(fs.open), promisify(fs.fstat)]

/** Refuses a symbolic link in place of the folder, because another user may have made it. */
const FLAGS = fs.constants.O_RDONLY | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW

/**
 * The open folder of a keeper's socket. Only its owner can make a socket in a folder of mode 0700, so the process that
 * listens runs as our user. The folder stays open, so that it is still the checked folder if its path is replaced
 * later. A hanging disk blocks only a thread, and the service continues to serve callers.
 */
export class SocketFolder {
  readonly #fd: number
  readonly #name: string

  private constructor(fd: number, name: string) {
    this.#fd = fd
    this.#name = name
  }

  /**
   * Opens the folder of a socket and checks it.
   *
   * @param socket path of the socket, absolute, of any length
   * @param missing whether a missing folder is made
   * @throws Error if the folder belongs to another user or is open to others; the system's error
   */
  static async open(socket: string, missing: 'make' | 'fail'): Promise<SocketFolder> {
    const folder = dirname(socket)
    if (missing === 'make') await mkdir(folder, { recursive: true, mode: 0o700 })
    const fd = await openFolder(folder)
    const stat = await fstat(fd)
    if (stat.uid === process.geteuid?.() && (stat.mode & 0o077) === 0)
      return new SocketFolder(fd, basename(socket))
    fs.closeSync(fd)
    throw notOurs(folder)
  }

  /** Path of the socket through the open folder. It always fits into `sockaddr_un` (108 bytes). */
  get socket(): string {
    return `/proc/self/fd/${this.#fd}/${this.#name}`
  }

  /** Whether the socket exists and belongs to our user. */
  async hasSocket(): Promise<boolean> {
    const stat = await lstat(this.socket).catch(() => undefined)
    return stat?.isSocket() === true && stat.uid === process.geteuid?.()
  }

  /** Closes the folder. A server needs the open folder until the server is closed. */
  close(): void {
    fs.closeSync(this.#fd)
  }
}

async function openFolder(folder: string): Promise<number> {
  try {
    return await open(folder, FLAGS)
  } catch (error) {
    if (['ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw notOurs(folder)
    throw error
  }
}

const notOurs = (folder: string): Error =>
  new Error(`${folder} must belong to the user of this process and have mode 0700`)
