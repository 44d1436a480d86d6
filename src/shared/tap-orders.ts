/** What became of an order to start a tap. `no-channel`: the channel has ended. */
export type TapStart = 'started' | 'no-channel' | 'failed'

/** Orders to the PBX that concern the taps of one channel, wherever in the dialplan it is. */
export interface TapOrders {
  /** Has the PBX stop a tap, by its path prefix. If it can, the pipes of the tap end. Never rejects. */
  stop(tap: string): Promise<void>
  /** Has the PBX start a tap whose pipes are open. Never rejects. @param onLook is called before each look whether it has */
  start(tap: string, onLook?: () => void): Promise<TapStart>
}
