/** Most characters of a username, typed or normalised. */
export const longestUsername = 128

/**
 * The key that a username is kept under: spaces around it gone, NFKC, lower case (after RFC 8265 section 3.3). `Ada`, ` ada` and `ＡＤＡ` are one name.
 *
 * @returns null for what cannot be a username: empty, over 128 characters, with characters that are not seen or not assigned (controls, zero-width and
 * direction marks: two names that look alike)
 */
export function usernameKey(username: string): string | null {
  const typed = username.trim()
  if (!isName(typed)) return null
  const key = typed.normalize('NFKC').toLowerCase().normalize('NFKC').trim()
  return isName(key) ? key : null
}

function isName(text: string): boolean {
  if (text.length > 2 * longestUsername || /[\p{C}\p{Zl}\p{Zp}]/u.test(text)) return false
  const length = [...text].length
  return length >= 1 && length <= longestUsername
}
