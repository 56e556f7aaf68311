import type { NextApplication } from './application.ts'

export const proxy: NextApplication['proxy'] = async (request) => globalThis.suiteApplication?.proxy(request)
