import type { Millis } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { type Json, parseJson } from '../base/json.ts'
import type { Document } from '../model/backend.ts'

/** Somebody who may sign in. Holds no password and no hash. */
export interface Account {
  /** 128 random bits, stable, never given again: what sessions carry as `user`. */
  readonly id: string
  /** As typed when the account was added. */
  readonly username: string
  readonly role: string | null
  readonly createdAt: Millis
  readonly disabled: boolean
  /** Raised by each change, of the password too. */
  readonly version: number
}

/** An account as it is kept: with the PHC string of its password. Stays in this folder. */
export interface StoredAccount {
  readonly account: Account
  readonly hash: string
}

const format = 1

export function formatAccount({ account, hash }: StoredAccount): string {
  const { id, username, role, createdAt, disabled } = account
  return JSON.stringify({ format, id, username, role, createdAt, disabled, hash })
}

/** @throws Fault `store_unavailable` when the text is damaged, `newer_schema` when a newer version wrote it: neither is a wrong password. */
export function parseAccount(document: Document): StoredAccount {
  const json = parseJson(document.value)
  const fields = isObject(json) ? json : {}
  if (typeof fields.format === 'number' && fields.format > format)
    throw new Fault('newer_schema', 'An account was written by a newer version of Handstamp: run that version.')
  const { id, username, role, createdAt, disabled, hash } = fields
  if (fields.format === format && isText(id) && isText(username) && (role === null || isText(role)) && isText(hash)) {
    if (typeof createdAt === 'number' && typeof disabled === 'boolean')
      return { account: { id, username, role, createdAt, disabled, version: document.version }, hash }
  }
  throw new Fault('store_unavailable', 'The stored document of an account is damaged: restore it from a backup.')
}

function isObject(json: Json | undefined): json is { readonly [name: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function isText(json: Json | undefined): json is string {
  return typeof json === 'string' && json !== ''
}
