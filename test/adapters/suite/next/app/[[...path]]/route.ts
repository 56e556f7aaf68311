import type { NextApplication } from '../../application.ts'

/** The application is made by the process that serves it, with a clock and a store that the suite can turn; Next calls it here. */
declare global {
  var suiteApplication: NextApplication | undefined
}

const answer: NextApplication['route'] = async (request, context) =>
  globalThis.suiteApplication?.route(request, context) ?? new Response(null, { status: 500 })

export const GET = answer
export const POST = answer
export const PUT = answer
export const PATCH = answer
export const DELETE = answer
export const OPTIONS = answer
