import { AppError } from '../../shared/errors.js'
import { groupBy } from '../../shared/group-by.js'
import { noPlace } from '../file-url.js'
import { checkedName, purposeOf } from './object-name.js'
import type { ObjectSource, ObjectStore, ObjectWriter } from './types.js'

/** A store in which each purpose has a place of its own, and none other is reached under its name. */
export class StoreByPurpose implements ObjectStore {
  readonly #places: ReadonlyMap<string, ObjectStore>
  readonly #setting: string

  /** @param setting name of the setting that gives the places, for messages */
  constructor(places: ReadonlyMap<string, ObjectStore>, setting: string) {
    this.#places = places
    this.#setting = setting
  }

  async create(name: string): Promise<ObjectWriter> {
    return this.#of(name).create(name)
  }

  async open(name: string): Promise<ObjectSource> {
    const place = this.#places.get(purposeOf(checkedName(name)))
    if (!place) throw new AppError('not-found', noPlace(purposeOf(name), this.#setting).message)
    return place.open(name)
  }

  async has(name: string): Promise<boolean> {
    return this.#of(name).has(name)
  }

  async *list(): AsyncGenerator<{ name: string; size: number; modifiedAt: number }> {
    for (const [purpose, place] of this.#places) {
      for await (const entry of place.list()) if (purposeOf(entry.name) === purpose) yield entry
    }
  }

  async *misplaced(): AsyncGenerator<string> {
    for (const [purpose, place] of this.#places) {
      for await (const { name } of place.list()) if (purposeOf(name) !== purpose) yield place.locate(name)
    }
  }

  async removeAll(names: readonly string[]): Promise<Map<string, AppError>> {
    const failed = new Map<string, AppError>()
    for (const [purpose, own] of groupBy(names, name => purposeOf(checkedName(name)))) {
      const place = this.#places.get(purpose)
      const faults = await place?.removeAll(own)
      for (const name of own) {
        const fault = faults ? faults.get(name) : noPlace(purpose, this.#setting)
        if (fault) failed.set(name, fault)
      }
    }
    return failed
  }

  async remove(name: string): Promise<void> {
    await this.#of(name).remove(name)
  }

  locate(name: string): string {
    return this.#places.get(purposeOf(checkedName(name)))?.locate(name) ?? name
  }

  accepts(purpose: string): boolean {
    return this.#places.has(purpose)
  }

  async room(purpose: string) {
    return this.#places.get(purpose)?.room(purpose)
  }

  async checkThere(purpose: string): Promise<void> {
    await this.#for(purpose).checkThere(purpose)
  }

  async checkWritable(purpose: string): Promise<void> {
    await this.#for(purpose).checkWritable(purpose)
  }

  #of(name: string): ObjectStore {
    return this.#for(purposeOf(checkedName(name)))
  }

  #for(purpose: string): ObjectStore {
    const place = this.#places.get(purpose)
    if (place) return place
    throw noPlace(purpose, this.#setting)
  }
}
