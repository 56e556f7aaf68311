import { isSafeMethod, type RequestHead } from '../base/head.ts'
import type { Visit } from '../http/visit.ts'
import { noticeParameters } from './pages/notice.ts'
import type { Reader } from './pages/reader.ts'
import { acceptedLanguage, wordsOf } from './pages/words/language.ts'
import { type Choices, choicesAt, choicesOf } from './preferences.ts'

/** Who reads the answer to this request. No I/O. */
export async function readerOf(visit: Visit): Promise<Reader> {
  return reader(visit.head, await choicesOf(visit))
}

/** The same for a request that has not been let in. */
export function readerAt(head: RequestHead, insecureHttp: boolean): Reader {
  return reader(head, choicesAt(head, insecureHttp))
}

function reader(head: RequestHead, { theme, language }: Choices): Reader {
  const spoken = language === 'auto' ? acceptedLanguage(head.header('accept-language')) : language
  return { theme, language, words: wordsOf(spoken), back: backOf(head) }
}

/** Where this page can be got again, without a notice that has been said. */
function backOf({ method, target }: RequestHead): string {
  const url = isSafeMethod(method) ? URL.parse(target, 'https://own.invalid') : null
  if (url === null) return '/'
  const said = noticeParameters.filter((name) => url.searchParams.has(name))
  for (const name of said) url.searchParams.delete(name)
  return `${url.pathname}${url.search}`
}
