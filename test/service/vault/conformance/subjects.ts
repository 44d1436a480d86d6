// Every store and key store that the conformance suite runs on. A new one is added to a list here. Real: folders of this machine.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import type { Test } from 'tap'
import { codeOf } from '../../../../src/core/errors.js'
import type { Marking } from '../../../../src/lib/files/marking.js'
import type { SealedChunk } from '../../../../src/vault/crypto/types.js'
import { type KeyStore, openKeyStore } from '../../../../src/vault/keys/key-store.js'
import {
  type AppendStore,
  type Archive,
  type ObjectStore,
  openStore,
} from '../../../../src/vault/store/store.js'

/** The purposes that every subject has a location for. */
export const PURPOSES = ['service', 'marketing'] as const

/** A time in which the storage of the purpose `service` cannot be reached, or another storage is in its place. */
export interface Outage {
  title: string
  /** What the error of a failed removal says. */
  message: RegExp
  begin(): Promise<unknown>
  end(): Promise<void>
}

/** Something that the suite runs on. */
export interface Subject<Home> {
  title: string
  /** A purpose without a location; undefined if the subject takes every purpose. */
  unplaced?: string
  /** Makes an empty storage for one check. */
  begin(t: Test): Promise<Home>
}

interface StorageHome<Opened> {
  /** Opens the storage, as another process would. */
  open(): Promise<Opened>
  outages: Outage[]
}

export interface AppendStoreHome extends StorageHome<AppendStore> {
  /** Returns what another process reads of an object; undefined if there is none. */
  contentOf(name: string): Promise<Buffer | undefined>
}

export interface ArchiveHome extends StorageHome<Archive> {
  /** Makes an object. */
  fill(name: string, chunks: SealedChunk[]): Promise<void>
}

export type KeyStoreHome = StorageHome<KeyStore>

/** The id in the marks of the folders that a subject makes. */
const ID = 'f3f1f7a4-8f0b-4c39-a6f7-5c0f6a2a53a1'

/** A subject in folders of this machine. */
interface InFolders {
  title: string
  unplaced?: string
  /** Value of the setting that names the folders. */
  locations(root: string): string
  /** The folder of the purpose `service`, or its first mirror. */
  folder(root: string): string
}

/** Makes the folders of a subject and opens them again as a service does that expects their marks. */
async function homeOf<Opened>(
  t: Test,
  { locations, folder }: InFolders,
  open: (locations: string, marking: Marking) => Promise<Opened>,
): Promise<StorageHome<Opened>> {
  const root = t.testdir({})
  await open(locations(root), { id: ID, ifMissing: 'make' })
  return {
    open: () => open(locations(root), { id: ID, ifMissing: 'refuse' }),
    outages: folderOutages(folder(root)),
  }
}

function folderOutages(folder: string): Outage[] {
  const instead: [title: string, make: () => Promise<unknown>][] = [
    ['is missing', async () => undefined],
    ['is empty, like an unmounted volume', () => mkdir(folder)],
    ['is a file', () => writeFile(folder, '')],
    ['has the mark of another volume', () => openStore(`file:${folder}`)],
  ]
  return instead.map(([title, make]) => ({
    title: `its folder ${title}`,
    message:
      /(its|the right) volume is mounted and that it is the right folder|of recordings, not of keys|ENOTDIR/,
    async begin() {
      await rename(folder, `${folder}.aside`)
      await make()
    },
    async end() {
      await rm(folder, { recursive: true, force: true })
      await rename(`${folder}.aside`, folder)
    },
  }))
}

const storesInFolders: InFolders[] = [
  {
    title: 'a disk store',
    locations: root => `file:${root}/store`,
    folder: root => `${root}/store`,
  },
  {
    title: 'a disk store for each purpose',
    locations: root => `service=file:${root}/service marketing=file:${root}/marketing`,
    folder: root => `${root}/service`,
    unplaced: 'training',
  },
]

const titled = ({ title, unplaced }: InFolders) => ({ title, ...(unplaced && { unplaced }) })

async function contentIn(store: ObjectStore, name: string): Promise<Buffer | undefined> {
  try {
    const source = await store.open(name)
    const bytes = await source.read(0, source.size)
    await source.close()
    return bytes
  } catch (error) {
    if (codeOf(error) !== 'not-found') throw error
    return undefined
  }
}

export const APPEND_STORES: Subject<AppendStoreHome>[] = storesInFolders.map(folders => ({
  ...titled(folders),
  async begin(t) {
    const home = await homeOf(t, folders, openStore)
    return { ...home, contentOf: async name => contentIn(await home.open(), name) }
  },
}))

export const ARCHIVES: Subject<ArchiveHome>[] = storesInFolders.map(folders => ({
  ...titled(folders),
  async begin(t) {
    const home = await homeOf(t, folders, openStore)
    const store = await home.open()
    return {
      ...home,
      async fill(name, chunks) {
        const writer = await store.create(name)
        await writer.append(chunks)
        await writer.close()
      },
    }
  },
}))

const keyStoresInFolders: InFolders[] = [
  {
    title: 'a key folder',
    locations: root => `file:${root}/keys`,
    folder: root => `${root}/keys`,
  },
  {
    title: 'a key store of two mirrors',
    locations: root => `file:${root}/keys,file:${root}/mirror`,
    folder: root => `${root}/keys`,
  },
  {
    title: 'a key store for each purpose',
    locations: root => `service=file:${root}/a,file:${root}/b marketing=file:${root}/c`,
    folder: root => `${root}/a`,
    unplaced: 'training',
  },
]

export const KEY_STORES: Subject<KeyStoreHome>[] = keyStoresInFolders.map(folders => ({
  ...titled(folders),
  begin: t => homeOf(t, folders, openKeyStore),
}))
