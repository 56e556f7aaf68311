/** Compiles where both types are the same, and nothing else. */
export function same<Left, Right>(
  ..._proof: (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? [] : ['not the same']
): void {}
