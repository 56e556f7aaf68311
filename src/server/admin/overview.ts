import { accept } from '../../base/reasons.ts'
import { type Operation, operation } from './operation.ts'
import { overviewSchema } from './schemas.ts'

export const overviewOperations: readonly Operation[] = [
  operation({
    method: 'get',
    path: '/admin/overview',
    summary: 'How many sessions live, how this node follows its engine, and its last hour in tens of seconds',
    answer: overviewSchema,
    run: async ({ here }) => {
      const { auth, operations, activeCount } = here.var.desk
      const active = activeCount.latest()
      if (active !== null) operations.series.counted(active.active)
      const status = auth.status()
      const node = status && {
        current: status.isCurrent,
        leaseAge: status.leaseAge,
        lapses: status.lapses,
        remembered: status.remembered,
      }
      return accept({ active, node, samples: operations.series.samples() })
    },
  }),
]
