import type {Dataset, LabelledImages} from '@abd/core/data'
import {loadSigns, measureNormalisation, readDataFiles, takeLabelled, withChannels} from '@abd/core/data'
import {createRandom} from '@abd/core/engine'
import {readCifarSheets} from '../read-cifar-sheets.ts'
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
  const data = await readCifarSheets(from)
  return {...data, train: draw(data.train, recipe)}
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
