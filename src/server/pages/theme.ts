/** In which colours the pages are shown; `system` asks the reader's device. */
export const themes = ['system', 'light', 'dark'] as const

export type Theme = (typeof themes)[number]
