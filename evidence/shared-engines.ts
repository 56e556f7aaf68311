import { type SharedEngine, sharedEngines } from '../test/support/engines.ts'

/** Postgres and Redis for one figure, stopped when it is done: nobody else does it outside of the test runner, and the process would never end. */
export async function withSharedEngines<T>(run: (engines: readonly SharedEngine[]) => Promise<T>): Promise<T> {
  const engines = await sharedEngines()
  try {
    return await run(engines)
  } finally {
    for (const { server } of engines) await server.crash()
  }
}
