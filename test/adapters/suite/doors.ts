import type { Door } from './door.ts'
import { atExpress } from './doors/express.ts'
import { atFastify } from './doors/fastify.ts'
import { atFetch } from './doors/fetch.ts'
import { atHono } from './doors/hono.ts'
import { node, nodeHttp2 } from './doors/node.ts'

/**
 * The first one is what the others are compared with. Hono comes last: its server for Node puts a Response of its own in place of Node's, which would then be tried at the
 * door of fetch as well.
 */
export const doors: readonly Door[] = [node, nodeHttp2, atExpress, atFastify, atFetch, atHono]
