/** What the runner and a contestant's process say to each other. */

export interface Settings {
  readonly name: string
  readonly secret: string
  readonly folder: string
  readonly lifetime: number
  readonly role: 'begins' | 'joins'
}

export interface Question {
  readonly id: number
  /**
   * `cpu`: microseconds of CPU time so far. `store calls`: see `Application`. `collect`: run the garbage collector. `arrived`: wait until so many slow requests wait.
   * `release`: let the one at this place go. `measured`: see `Application`; 1 as it begins, 0 as it is over. `close`: end the application.
   */
  readonly ask: 'cpu' | 'store calls' | 'collect' | 'arrived' | 'release' | 'measured' | 'close'
  readonly argument?: number
}

/** Id 0: the port that it listens on. */
export interface Answered {
  readonly id: number
  readonly value: unknown
}
