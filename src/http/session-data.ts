/**
 * Data of your sessions. Empty, and meant to be merged into, for frameworks that declare the request's session once for all:
 *
 *     declare module 'handstamp' { interface SessionData extends z.infer<typeof schema> {} }
 */
// biome-ignore lint/suspicious/noEmptyInterface: applications declare what is in it
export interface SessionData {}

/**
 * Data of the request's session, by key. What is stored is what you set (JSON); what you get is what the option `data` makes of it.
 *
 * Each key stands for itself: a stored value that the schema does not take reads as undefined, stays as it is, and takes no other along.
 *
 * With `dataVersion` above 1, the first write of a request costs one read more, unless it has read before.
 */
export interface DataAccess<Data, Input> {
  /**
   * A value, or the schema's default for it; undefined when there is neither.
   *
   * @throws Fault `session_ended`, `store_unavailable`, `invalid_value` when a migration fails
   * Cost: one read for the first in a request; none where there is no session.
   */
  get<Key extends keyof Data & string>(key: Key): Promise<Data[Key] | undefined>
  /**
   * Sets one key; others stay. Begins an anonymous session if there is none.
   *
   * @throws Fault `invalid_value` naming the key and what the schema says of it; `session_ended`, `not_stored`; `newer_schema` (503) where a newer version of the
   *   application has written data that this one does not recognise. Nothing was changed.
   * Cost: one write.
   */
  set<Key extends keyof Input & string>(key: Key, value: Exclude<Input[Key], undefined>): Promise<void>
  /** Cost: one write. @throws Fault as `set` */
  delete<Key extends keyof Input & string>(key: Key): Promise<void>
  /**
   * Changes one key by a function of its value; nobody's change is lost.
   *
   * @param change gets undefined for a missing key, and returning undefined removes it; may be called more than once
   * @throws Fault as `set`
   * Cost: one read and one write for each attempt.
   */
  update<Key extends keyof Data & keyof Input & string>(
    key: Key,
    change: (value: Data[Key] | undefined) => Input[Key] | undefined,
  ): Promise<Data[Key] | undefined>
}

/** Data of some of the keys. */
export type SomeOf<Input> = string extends keyof Input ? Input : Partial<Input>
