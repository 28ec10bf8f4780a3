import type {Dataset, Images, LabelledImages} from '@abd/core/data'
import {
  concatImages,
  loadSigns,
  measureNormalisation,
  normalisations,
  readDataFiles,
  readImage,
  takeLabelled,
  withChannels,
} from '@abd/core/data'
import {createRandom} from '@abd/core/engine'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {Recipe} from './recipes.ts'

/** Where data sets that do not ship are; a recipe whose folder is not named is left out. */
export interface Folders {
  readonly cifar?: string | undefined
  readonly fashion?: string | undefined
}

/** The data a recipe trains on, or undefined where they are not at hand. */
export async function loadRecipeData(recipe: Recipe, folders: Folders): Promise<Dataset | undefined> {
  switch (recipe.dataset) {
    case 'signs':
      return signs(recipe)
    case 'signs-grey':
      return grey(await signs(recipe))
    case 'cifar10':
      return folders.cifar === undefined ? undefined : cifarSheets(folders.cifar, recipe)
    case 'cifar10-grey':
      return folders.cifar === undefined ? undefined : grey(await cifarSheets(folders.cifar, recipe))
    case 'fashion':
      return folders.fashion === undefined ? undefined : fashion(folders.fashion, recipe)
  }
}

/** Classes of the 43, drawn by the seed; every third teacher of ten classes has the demo's. */
async function signs({seed, perClass, classes}: Recipe): Promise<Dataset> {
  const drawn = [...createRandom(seed).fork('classes').permutation(43)].slice(0, classes)
  const own = classes === 10 && seed % 3 === 0 ? {} : {classes: drawn}
  return loadSigns({...own, perClass, testPerClass: 50, seed})
}

function grey(data: Dataset): Dataset {
  const turn = ({images, labels}: LabelledImages) => ({images: withChannels(images, 1), labels})
  const train = turn(data.train)
  return {...data, train, test: turn(data.test), normalisation: measureNormalisation(train.images)}
}

/** The most there are of every class, in an order drawn by the seed. */
function draw(from: LabelledImages, {seed, perClass, classes}: Recipe): LabelledImages {
  const taken = new Array<number>(classes).fill(0)
  const order = [...createRandom(seed).fork('images').permutation(from.images.count)]
  return takeLabelled(
    from,
    order.filter((i) => taken[from.labels[i]!]!++ < perClass),
  )
}

async function cifarSheets(from: string, recipe: Recipe): Promise<Dataset> {
  const text = await readFile(join(from, 'labels.js'), 'utf8')
  const labels = JSON.parse(text.slice(text.indexOf('['), text.lastIndexOf(']') + 1)) as number[]
  const sheet = (batch: number): LabelledImages => ({
    // A row of 1024 pixels is one image of 32 x 32.
    images: {
      ...(readImage(join(from, `b${batch}.png`)) satisfies Images),
      count: 1000,
      height: 32,
      width: 32,
    },
    labels: Int32Array.from(labels.slice(batch * 1000, batch * 1000 + 1000)),
  })
  const train = [0, 1, 2, 3].map(sheet)
  const [first, ...rest] = train.map(({images}) => images)
  const all = {
    images: concatImages(first!, ...rest),
    labels: Int32Array.from(train.flatMap(({labels: l}) => [...l])),
  }
  return {
    name: 'cifar10',
    classes: 10,
    classNames: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
    normalisation: normalisations.cifar10,
    train: draw(all, recipe),
    test: sheet(50),
  }
}

/** Fashion-MNIST (MIT) as idx files, 28 x 28, grey. */
async function fashion(from: string, recipe: Recipe): Promise<Dataset> {
  const files = await readDataFiles(from, {height: 28, width: 28, channels: 1})
  const labelled = (split: typeof files.train): LabelledImages => {
    if (!split.labels) throw new Error(`${from} holds images without labels.`)
    return {images: split.images, labels: split.labels}
  }
  if (!files.test) throw new Error(`${from} holds no test images.`)
  const train = draw(labelled(files.train), recipe)
  return {
    name: 'fashion',
    classes: 10,
    classNames: [
      't-shirt',
      'trouser',
      'pullover',
      'dress',
      'coat',
      'sandal',
      'shirt',
      'sneaker',
      'bag',
      'boot',
    ],
    normalisation: measureNormalisation(train.images),
    train,
    test: takeLabelled(labelled(files.test), 1000),
  }
}
