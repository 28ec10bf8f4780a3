import picomatch from 'picomatch'

/** `teacher.abd.yml`, or `abd.yaml` for every model of the folder. */
const CARD = /^(?:(?<stem>.+)\.)?abd\.ya?ml$/
/** Weights that lie beside the file that says what they are. */
const WEIGHTS = /(\.data|_data|\.bin|\.weights|\.npy)$/i
const OTHERS = /(\.onnx|^model\.json)$/i

/** Whether a path is a model by the globs; of the last lines that match, `!` leaves it out. */
export function createMatcher(globs: readonly string[]): (path: string) => boolean {
  // A file called TEACHER.PT or .cache/x.pt is a model too.
  const options = {dot: true, nocase: true}
  const of = (only: readonly string[]) => (only.length === 0 ? () => false : picomatch([...only], options))
  const wanted = of(globs.filter((glob) => !glob.startsWith('!')))
  const unwanted = of(globs.filter((glob) => glob.startsWith('!')).map((glob) => glob.slice(1)))
  return (path) => wanted(path) && !unwanted(path)
}

/**
 * The models among the changed files, and those whose card changed: a card says how a model wants its input, so a new
 * one is a new model; and those whose weights may lie in a changed file beside them. `siblings` gives the names in a folder of the work tree.
 */
export async function selectModels(
  changed: readonly string[],
  isModel: (path: string) => boolean,
  siblings: (folder: string) => Promise<readonly string[]>,
): Promise<string[]> {
  const models = new Set(changed.filter(isModel))
  for (const card of changed) {
    const folder = card.slice(0, card.lastIndexOf('/') + 1)
    const about = CARD.exec(card.slice(folder.length))
    if (!about) continue
    const stem = about.groups?.['stem']
    for (const name of await siblings(folder)) {
      const path = `${folder}${name}`
      if (isModel(path) && (stem === undefined || name.replace(/\.[^.]+$/, '') === stem)) models.add(path)
    }
  }
  const folders = new Set(
    changed.filter((path) => WEIGHTS.test(path)).map((path) => path.slice(0, path.lastIndexOf('/') + 1)),
  )
  for (const folder of folders)
    for (const name of await siblings(folder))
      if (OTHERS.test(name) && isModel(`${folder}${name}`)) models.add(`${folder}${name}`)
  return [...models].sort()
}

/** The n-th of m shares, as in '2/3'. Every model is in one of them. */
export function shareOf<T>(items: readonly T[], shard: string): T[] {
  const [n = 1, m = 1] = shard.split('/').map(Number)
  return items.filter((_, i) => i % m === n - 1)
}
