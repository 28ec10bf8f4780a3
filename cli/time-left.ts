/** What the pace is taken from: the latest minute, or the latest step where that took longer. */
const WINDOW = 60_000

/**
 * Milliseconds that a task of so many steps has left, whenever it tells how many are done. By the pace of late, as the last
 * tenth of a run may take as long as all before it (Self-Retrospection). `now` is in milliseconds.
 */
export function createTimeLeft(total: number, now: () => number): (done: number) => number {
  const marks = [{at: now(), done: 0}]
  return (done) => {
    const at = now()
    const latest = marks.at(-1)!
    // A mark a second is enough.
    if (done > latest.done && (at - latest.at >= 1000 || marks.length === 1)) marks.push({at, done})
    while (marks.length > 2 && at - marks[1]!.at >= WINDOW) marks.shift()
    const first = marks[0]!
    return done > first.done ? ((total - done) * (at - first.at)) / (done - first.done) : 0
  }
}
