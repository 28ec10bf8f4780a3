/** Does the work for each item, so many at a time; results in the order of the items. The first that throws ends it. */
export async function sideBySide<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const waiting = items.entries()
  const take = async () => {
    for (const [i, item] of waiting) results[i] = await work(item, i)
  }
  await Promise.all(Array.from({length: Math.min(atOnce, items.length)}, take))
  return results
}
