/** Something that ran: milliseconds since 1970, and what it was. */
export interface Ran {
  readonly from: number
  readonly to: number
  readonly what: string
}

/** Of the time from `from` to `to`, how much each kind has; those that ran at once share it. What is left is `rest`. */
export function sharesOf(
  all: readonly Ran[],
  {from, to}: {readonly from: number; readonly to: number},
  rest: string,
): ReadonlyMap<string, number> {
  const inside = all
    .map((one) => ({...one, from: Math.max(from, one.from), to: Math.min(to, one.to)}))
    .filter((one) => one.to > one.from)
  const times = [...new Set([from, to, ...inside.flatMap((one) => [one.from, one.to])])].toSorted(
    (a, b) => a - b,
  )
  const shares = new Map<string, number>()
  const add = (what: string, time: number) => shares.set(what, (shares.get(what) ?? 0) + time)
  for (const [i, begin] of times.slice(0, -1).entries()) {
    const length = times[i + 1]! - begin
    const running = inside.filter((one) => one.from <= begin && one.to > begin)
    if (running.length === 0) add(rest, length)
    for (const {what} of running) add(what, length / running.length)
  }
  return shares
}

/** A line of `ONEDNN_VERBOSE=profile_exec` with time stamps; null for others. */
export function ranOf(line: string): Ran | null {
  const words = line.split(',')
  const exec = words.indexOf('exec')
  if (words[0] !== 'onednn_verbose' || exec < 0) return null
  const from = Number(words[exec - 2])
  const [primitive = '', , direction = ''] = words.slice(exec + 2)
  return {from, to: from + Number(words.at(-1)), what: kindOf(primitive, direction)}
}

function kindOf(primitive: string, direction: string): string {
  const isBack = direction.startsWith('backward')
  switch (primitive) {
    case 'convolution':
      return isBack
        ? direction === 'backward_weights'
          ? 'conv to filters'
          : 'conv to inputs'
        : 'conv forwards'
    case 'batch_normalization':
      return isBack ? 'BN backwards' : 'BN forwards'
    default:
      return 'copies, products'
  }
}
