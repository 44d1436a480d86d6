/** The outcome of an order to start a tap. `no-channel`: the channel has ended. */
export type TapStart = 'started' | 'no-channel' | 'failed'

/** Orders to the PBX about the taps of one channel, which may be anywhere in the dialplan. */
export interface TapOrders {
  /** Has the PBX stop a tap, by its path prefix. If it succeeds, the tap's pipes end. Never rejects. */
  stop(tap: string): Promise<void>
  /**
   * Has the PBX start a tap whose pipes are open. Never rejects.
   * @param onLook called before each check whether it has started
   */
  start(tap: string, onLook?: () => void): Promise<TapStart>
}
