/** One of the two data sets that CIFAR's forms hold. */
export interface CifarFamily {
  readonly format: 'cifar-10' | 'cifar-100'
  readonly title: string
  /** What the files of the binary version are called. */
  readonly binary: RegExp
  /** What those of the Python version are called. */
  readonly python: RegExp
  /** A file that tells a folder of the Python version from others, where the names above are too common. */
  readonly mark?: string
  /** Bytes before the planes, the last of them the label: CIFAR-100 puts the superclass before the class. */
  readonly labelBytes: number
  /** What the Python version calls the labels. */
  readonly labelKey: string
  readonly classes: number
  /** The file that names the classes, a line each, where they are not known. */
  readonly names?: string
  readonly classNames?: readonly string[]
}

/** https://www.cs.toronto.edu/~kriz/cifar.html */
const families: readonly CifarFamily[] = [
  {
    format: 'cifar-10',
    title: 'CIFAR-10',
    binary: /^(data_batch_\d|test_batch)\.bin$/,
    python: /^(data_batch_\d|test_batch)$/,
    labelBytes: 1,
    labelKey: 'labels',
    classes: 10,
    classNames: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
  },
  {
    format: 'cifar-100',
    title: 'CIFAR-100',
    binary: /^(train|test)\.bin$/,
    python: /^(train|test)$/,
    mark: 'meta',
    labelBytes: 2,
    labelKey: 'fine_labels',
    classes: 100,
    names: 'fine_label_names.txt',
  },
]

/** What the archives of CIFAR unpack to, of the binary and the Python version. */
export const cifarFolder = /^cifar-(10-batches-(bin|py)|100-(binary|python))$/

/** The training files that a folder with these of CIFAR-10 lacks, where it has any; of CIFAR-100 there is one. */
export function missingBatches(files: readonly string[], {format}: CifarFamily): readonly string[] {
  const one = files.find((name) => name.startsWith('data_batch_'))
  if (format !== 'cifar-10' || one === undefined) return []
  return [1, 2, 3, 4, 5].map((n) => one.replace(/\d/, String(n))).filter((name) => !files.includes(name))
}

/** The files among these names that are one of CIFAR's data sets, and which; undefined where none are. */
export function cifarAmong(
  names: readonly string[],
): {readonly family: CifarFamily; readonly files: readonly string[]} | undefined {
  for (const family of families) {
    const {binary, python, mark} = family
    const known = mark === undefined || names.includes(mark) ? [binary, python] : [binary]
    for (const form of known) {
      const files = names.filter((name) => form.test(name)).sort()
      if (files.length > 0) return {family, files}
    }
  }
  return undefined
}
