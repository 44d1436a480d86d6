import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync } from 'node:fs'
import { basename, dirname } from 'node:path'

/** A symbolic link in place of the folder is refused: somebody else may have put it there. */
const FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

/**
 * The folder of a keeper's socket, held open. Only our own user can put a socket into a folder of mode 0700, so whoever
 * listens in it runs as our user. The open folder is the one that was checked, whatever its path names later.
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
   * @param missing whether a folder that is missing is made
   * @throws Error if the folder is not our own or lets others in, or the system's error
   */
  static open(socket: string, missing: 'make' | 'fail'): SocketFolder {
    const folder = dirname(socket)
    if (missing === 'make') mkdirSync(folder, { recursive: true, mode: 0o700 })
    const fd = openFolder(folder)
    const stat = fstatSync(fd)
    if (stat.uid === process.geteuid?.() && (stat.mode & 0o077) === 0)
      return new SocketFolder(fd, basename(socket))
    closeSync(fd)
    throw notOurs(folder)
  }

  /** Path of the socket through the open folder. It fits into `sockaddr_un` (108 bytes), however long the folder's path is. */
  get socket(): string {
    return `/proc/self/fd/${this.#fd}/${this.#name}`
  }

  /** Whether the folder has the socket, and our own user made it. */
  get hasSocket(): boolean {
    const stat = lstatSync(this.socket, { throwIfNoEntry: false })
    return stat?.isSocket() === true && stat.uid === process.geteuid?.()
  }

  /** Closes the folder. A server needs it open until the server itself is closed. */
  close(): void {
    closeSync(this.#fd)
  }
}

function openFolder(folder: string): number {
  try {
    return openSync(folder, FLAGS)
  } catch (error) {
    if (['ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw notOurs(folder)
    throw error
  }
}

const notOurs = (folder: string): Error => new Error(`${folder} must be a folder of our own, mode 0700`)
