import { genesis, type RevocationLog } from '../model/log.ts'
import type { LogEntry, Position } from '../model/revocation.ts'

/** Follows the log of every partition in order: by hints where they fit on what was applied, by reading otherwise. */
export interface Follow {
  /** What was applied, by partition. */
  readonly positions: readonly Position[]
  /** Begins at the tail, or begins there again. Cost: one read. */
  begin(partition: number): Promise<void>
  /** Whether it has begun, and the log has still the history that was applied. */
  isOn(partition: number): boolean
  /** Applies an entry that fits on what was applied (same chain), knows one that was applied, and reads for any other. */
  take(entry: LogEntry, follows: string): void
  /** Reads all that there is. One reading at a time; who comes meanwhile gets one that begins afterwards. Cost: one read for each thousand entries. */
  read(partition: number): Promise<void>
  /**
   * Applies what is missing until then. A head that is behind what was applied when it was asked for has lost something.
   *
   * @param asked what was applied before the head was asked for
   * @returns whether that head is on the history and was applied
   */
  reach(partition: number, head: Position, asked: Position): Promise<boolean>
  /** How often the log was read. */
  reads(): number
}

export interface FollowOptions {
  readonly log: RevocationLog
  readonly apply: (entry: LogEntry) => void
  /** The log has not the history that was applied any more. */
  readonly onDiverged: (partition: number) => void
  /** A reading that nobody waits for failed. */
  readonly onTrouble: () => void
}

/** Entries read at once. */
const pageSize = 1000
/** Positions remembered as passed: a heartbeat may be answered while so many entries come in. */
const trailLength = 1024

interface Partition {
  position: Position
  /** Chains of what was applied last, by sequence. */
  trail: Map<number, string>
  isOn: boolean
  /** How often it began, or lost its history. */
  epoch: number
  running: Promise<void> | null
  next: Promise<void> | null
}

export function createFollow({ log, apply, onDiverged, onTrouble }: FollowOptions): Follow {
  const partitions = Array.from({ length: log.partitions }, newPartition)
  let reads = 0

  function partOf(partition: number): Partition {
    return partitions[partition] as Partition
  }

  function pass(part: Partition, entry: LogEntry): void {
    apply(entry)
    part.position = entry.position
    part.trail.set(entry.position.seq, entry.position.chain)
    part.trail.delete(entry.position.seq - trailLength)
  }

  async function begin(partition: number): Promise<void> {
    const part = partOf(partition)
    reads++
    // All that there is: what time it is at the engine may not be known yet.
    const page = await log.tail(partition, 0)
    for (const entry of page.entries) apply(entry)
    part.position = page.head
    part.trail = new Map([[page.head.seq, page.head.chain]])
    part.isOn = true
    part.epoch++
  }

  async function readNow(partition: number): Promise<void> {
    const part = partOf(partition)
    while (part.isOn) {
      const { position: from, epoch } = part
      reads++
      const page = await log.read(partition, from, pageSize)
      // What was asked before it began anew says nothing about what it has now.
      if (!part.isOn || part.epoch !== epoch) return
      if (page.kind === 'diverged') {
        diverge(partition)
        return
      }
      if (!passPage(part, page.entries, from.chain)) {
        diverge(partition)
        return
      }
      if (page.entries.length < pageSize) return
    }
  }

  /** Hints may have moved it on meanwhile: what was passed has to be the same, and the rest has to follow on it. @returns whether it does */
  function passPage(part: Partition, entries: readonly LogEntry[], from: string): boolean {
    let follows = from
    for (const entry of entries) {
      const { seq, chain } = entry.position
      if (part.trail.get(seq) !== chain) {
        if (!fits(part, entry) || part.position.chain !== follows) return false
        pass(part, entry)
      }
      follows = chain
    }
    return true
  }

  function diverge(partition: number): void {
    const part = partOf(partition)
    part.isOn = false
    part.epoch++
    onDiverged(partition)
  }

  function fits({ position }: Partition, { position: { seq } }: LogEntry): boolean {
    return seq === position.seq + 1
  }

  function read(partition: number): Promise<void> {
    const part = partOf(partition)
    if (part.running === null) {
      part.running = readNow(partition).finally(() => {
        part.running = null
      })
      return part.running
    }
    part.next ??= part.running
      .catch(() => {})
      .then(() => {
        part.next = null
        return read(partition)
      })
    return part.next
  }

  function take(entry: LogEntry, follows: string): void {
    const part = partitions[entry.partition]
    if (part?.isOn !== true) return
    const { seq, chain } = entry.position
    if (part.trail.get(seq) === chain) return
    if (fits(part, entry) && part.position.chain === follows) pass(part, entry)
    else read(entry.partition).catch(onTrouble)
  }

  function hasPassed(part: Partition, { seq, chain }: Position): boolean {
    return part.isOn && part.trail.get(seq) === chain
  }

  async function reach(partition: number, head: Position, asked: Position): Promise<boolean> {
    const part = partOf(partition)
    if (!part.isOn) return false
    if (head.seq < asked.seq) {
      diverge(partition)
      return false
    }
    if (hasPassed(part, head)) return true
    await read(partition)
    return hasPassed(part, head)
  }

  return {
    get positions() {
      return partitions.map(({ position }) => position)
    },
    begin,
    isOn: (partition) => partOf(partition).isOn,
    take,
    read,
    reach,
    reads: () => reads,
  }
}

function newPartition(): Partition {
  return { position: genesis, trail: new Map(), isOn: false, epoch: 0, running: null, next: null }
}
