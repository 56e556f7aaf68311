// region readme
import { proxy } from 'handstamp/next'
import { auth } from './lib/auth'

export default proxy(auth)
export const config = { matcher: ['/((?!_next/static|_next/image|icon.svg).*)'] }
// endregion
