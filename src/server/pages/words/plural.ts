/** What is said of one, and of any other number. */
export interface Forms {
  readonly one: string
  readonly other: string
}

/** Chooses the form for a count by the rules of the language; `#` in it becomes the number, written as there. */
export function pluralIn(locale: string): (count: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(locale)
  const numbers = new Intl.NumberFormat(locale)
  return (count, { one, other }) => {
    const form = rules.select(count) === 'one' ? one : other
    return form.replaceAll('#', numbers.format(count))
  }
}
