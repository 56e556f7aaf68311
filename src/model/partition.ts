import type { Sid } from './session.ts'

/** A power of two between 1 and 64, so that one character of base64url names a partition. */
export const mostPartitions = 64

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** 23 characters: the partition, then 128 random bits. */
const sidForm = /^[A-Za-z0-9_-]{22}[AQgw]$/

/** The handle of a session: the partition it lives in, and 16 random bytes as 22 characters. */
export function makeSid(partition: number, random: string): Sid {
  return alphabet.charAt(partition) + random
}

export function isSid(text: string): boolean {
  return sidForm.test(text)
}

export function partitionOfSid(sid: Sid): number {
  return alphabet.indexOf(sid.charAt(0))
}

/** Where everything of a user lives (FNV-1a over UTF-16 units; equal on every node and in every version). */
export function partitionOfUser(user: string, partitions: number): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < user.length; index++) hash = Math.imul(hash ^ user.charCodeAt(index), 0x01000193)
  return (hash >>> 0) % partitions
}
