import { type Millis, second } from '../base/clock.ts'
import { isSid, makeSid } from '../model/partition.ts'
import type { Sid } from '../model/session.ts'

/**
 * The handles of sessions that were ended, each until it may be forgotten. Exact: all 134 bits of a handle are compared.
 *
 * An open-addressed table in one typed array, 20 bytes a slot, at most three quarters full: 27 bytes an id when well filled, 53 right after it has grown.
 */
export interface RevokedIds {
  /** Whether it is here; also when its time is over and nobody has pruned yet. No allocation. */
  has(sid: Sid): boolean
  /** Adding again keeps the later time. */
  add(sid: Sid, until: Millis, now: Millis): void
  /** Forgets what is over at `now`, and gives memory back. Cost: linear, or none where nothing can be over. */
  prune(now: Millis): void
  size(): number
  /** Each with the time until which it is kept, rounded up to a second. Cost: linear. */
  entries(): Iterable<readonly [sid: Sid, until: Millis]>
}

/** Four words of the random bits, one of partition and time. */
const slotWords = 5
const fewestSlots = 64
const timeBits = 26
/** The last second that fits, counted from the table's base. 0 is an empty slot. */
const latestTime = 2 ** timeBits - 1

export function createRevokedIds(): RevokedIds {
  let table = emptyTable(fewestSlots, 0)
  /** What the table cannot hold: handles of another form, which only a damaged log could bring, and times that are years away. */
  const others = new Map<Sid, Millis>()

  function add(sid: Sid, until: Millis, now: Millis): void {
    if (table.count === 0) table = emptyTable(slotsOf(table), now)
    let time = timeIn(table, until)
    if (time > latestTime) {
      table = rebuilt(table, now, slotsOf(table))
      time = timeIn(table, until)
    }
    if (time > latestTime || !isSid(sid) || others.has(sid)) {
      others.set(sid, Math.max(until, others.get(sid) ?? 0))
      return
    }
    readSid(sid)
    const at = findSlot(table)
    const held = timeAt(table, at)
    if (held !== 0) {
      if (time > held) setTime(table, at, time)
      return
    }
    fill(table, at, time)
    if (table.count * 4 > slotsOf(table) * 3) table = grown(table, now)
  }

  function has(sid: Sid): boolean {
    if (table.count > 0 && sid.length === sidLength && holds(table, sid)) return true
    return others.size > 0 && others.has(sid)
  }

  function prune(now: Millis): void {
    for (const [sid, until] of others) if (until <= now) others.delete(sid)
    if (table.count === 0 || timeIn(table, now) <= table.earliest) return
    const left = rebuilt(table, now, slotsOf(table))
    table =
      left.count * 4 < slotsOf(left) && slotsOf(left) > fewestSlots ? rebuilt(left, now, slotsFor(left.count)) : left
  }

  /** Added with a time that the table holds, and then with one that it does not, an id stands in both. */
  function size(): number {
    let alone = 0
    for (const sid of others.keys()) if (!holds(table, sid)) alone++
    return table.count + alone
  }

  function* entries(): Iterable<readonly [Sid, Millis]> {
    for (let at = 0; at < table.words.length; at += slotWords) {
      const time = timeAt(table, at)
      if (time !== 0) yield [sidAt(table, at), (time + table.base) * second]
    }
    yield* others
  }

  return { has, add, prune, size, entries }
}

interface Table {
  readonly words: Uint32Array
  readonly mask: number
  /** The instant that times are counted from, in whole seconds. */
  readonly base: number
  count: number
  /** No entry is over before then. */
  earliest: number
}

function emptyTable(slots: number, now: Millis): Table {
  const words = new Uint32Array(slots * slotWords)
  // One second before now, so that no time is 0.
  return { words, mask: slots - 1, base: Math.floor(now / second) - 1, count: 0, earliest: latestTime }
}

function slotsOf({ mask }: Table): number {
  return mask + 1
}

/** The fewest slots that are at most half full. */
function slotsFor(count: number): number {
  let slots = fewestSlots
  while (slots < count * 2) slots *= 2
  return slots
}

/** When most of it is over it only needs to be tidied. */
function grown(table: Table, now: Millis): Table {
  const tidied = rebuilt(table, now, slotsOf(table))
  return tidied.count * 2 <= slotsOf(tidied) ? tidied : rebuilt(tidied, now, slotsOf(tidied) * 2)
}

/** A table without what is over, its times counted from now. */
function rebuilt(table: Table, now: Millis, slots: number): Table {
  const next = emptyTable(slots, now)
  const later = next.base - table.base
  const { words } = table
  for (let at = 0; at < words.length; at += slotWords) {
    const time = timeAt(table, at)
    if (time === 0 || (time + table.base) * second <= now) continue
    for (let word = 0; word < 4; word++) wanted[word] = words[at + word] as number
    wanted[4] = (words[at + 4] as number) >>> timeBits
    fill(next, findSlot(next), time - later)
  }
  return next
}

function sidAt({ words }: Table, at: number): Sid {
  const bytes = Buffer.allocUnsafe(16)
  for (let word = 0; word < 4; word++) bytes.writeUInt32BE(words[at + word] as number, word * 4)
  return makeSid((words[at + 4] as number) >>> timeBits, bytes.toString('base64url'))
}

/** Rounded up, so that nothing is forgotten early. */
function timeIn(table: Table, until: Millis): number {
  return Math.max(1, Math.ceil(until / second) - table.base)
}

function timeAt(table: Table, at: number): number {
  return (table.words[at + 4] as number) & latestTime
}

function setTime(table: Table, at: number, time: number): void {
  table.words[at + 4] = (((wanted[4] as number) << timeBits) | time) >>> 0
  table.earliest = Math.min(table.earliest, time)
}

function fill(table: Table, at: number, time: number): void {
  for (let word = 0; word < 4; word++) table.words[at + word] = wanted[word] as number
  setTime(table, at, time)
  table.count++
}

/** Where the wanted handle stands, or the empty slot where it belongs. There always is one: the table is never full. */
function findSlot({ words, mask }: Table): number {
  // The bits are random, and chosen by the server: they are their own hash.
  for (let slot = (wanted[0] as number) & mask; ; slot = (slot + 1) & mask) {
    const at = slot * slotWords
    if (((words[at + 4] as number) & latestTime) === 0 || isWanted(words, at)) return at
  }
}

/** The hot path: most handles are not here, and the first word of a handle says so. */
function holds({ words, mask }: Table, sid: Sid): boolean {
  const first = firstWord(sid)
  for (let slot = first & mask; ; slot = (slot + 1) & mask) {
    const at = slot * slotWords
    if (((words[at + 4] as number) & latestTime) === 0) return false
    if (words[at] === first && readSid(sid) && isWanted(words, at)) return true
  }
}

function isWanted(words: Uint32Array, at: number): boolean {
  for (let word = 0; word < 4; word++) if (words[at + word] !== wanted[word]) return false
  return (words[at + 4] as number) >>> timeBits === wanted[4]
}

const sidLength = 23
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const values = new Int8Array(128).fill(-1)
for (let index = 0; index < alphabet.length; index++) values[alphabet.charCodeAt(index)] = index

/** The handle that is looked for: four words and the partition. One for all tables, because nothing here waits. */
const wanted = new Uint32Array(5)

/** Of a handle of the form its first 32 random bits; of anything else some number. */
function firstWord(sid: Sid): number {
  const high = (valueAt(sid, 1) << 26) | (valueAt(sid, 2) << 20) | (valueAt(sid, 3) << 14)
  return (high | (valueAt(sid, 4) << 8) | (valueAt(sid, 5) << 2) | (valueAt(sid, 6) >> 4)) >>> 0
}

/** 0 to 63, or -1 for a character of another alphabet. */
function valueAt(sid: Sid, at: number): number {
  const code = sid.charCodeAt(at)
  return code < 128 ? (values[code] as number) : -1
}

/** Reads a handle into `wanted`. False where it is not of the form. */
function readSid(sid: Sid): boolean {
  wanted[4] = valueAt(sid, 0)
  let flaw = valueAt(sid, 0)
  let held = 0
  let bits = 0
  let word = 0
  for (let at = 1; at < sidLength; at++) {
    const value = valueAt(sid, at)
    flaw |= value
    const missing = 32 - bits
    if (missing > 6) {
      held = (held << 6) | value
      bits += 6
    } else {
      wanted[word++] = (held << missing) | (value >> (6 - missing))
      bits = 6 - missing
      held = value & ((1 << bits) - 1)
    }
  }
  // 132 bits were read for 128: the last four are not used, and are 0 in a handle of the form.
  return flaw >= 0 && held === 0
}
