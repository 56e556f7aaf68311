/** Stands in for your own check of a name and a password. */
export function checkPassword(username: unknown, password: unknown): string | null {
  return username === 'ada' && password === 'notes on the engine' ? '42' : null
}
