// Trains the clean teachers that the shipped calibration is made from: several recipes, class subsets and seeds.
//   node --conditions=@abd/source scripts/clean-teachers.ts FOLDER [--cifar SHEETS] [--only PATTERN]
//   node bin/run.js detect calibrate FOLDER --out src/assets/calibration.json --id clean-1
// SHEETS is a folder with CIFAR-10 as PNG sheets (b0.png …: 1000 rows of one image each, labels.js beside them). Its
// images are for training here and ship nowhere. What is in FOLDER already is not trained again.
import {writeCard} from '@abd/core/audit'
import type {Dataset, Images, LabelledImages} from '@abd/core/data'
import {concatImages, loadSigns, normalisations, readImage} from '@abd/core/data'
import {createProgress} from '@abd/cli'
import {createRandom, openEngine} from '@abd/core/engine'
import {writeSafetensors} from '@abd/core/modelfile'
import {architectureByName, createModel, createNetwork, toStateDict} from '@abd/core/nn'
import {trainClassifier, TrainingOptions} from '@abd/core/train'
import {existsSync} from 'node:fs'
import {mkdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {parseArgs} from 'node:util'

interface Recipe {
  readonly name: string
  readonly dataset: 'signs' | 'cifar10'
  readonly architecture: string
  readonly seed: number
  readonly perClass: number
  readonly options: Readonly<Record<string, unknown>>
}

/** Seeds from 5000 on, so that no other zoo of the project overlaps by seed. */
function recipes(): Recipe[] {
  const all: Recipe[] = []
  const add = (
    dataset: Recipe['dataset'],
    architecture: string,
    count: number,
    variants: readonly Omit<Recipe, 'name' | 'dataset' | 'architecture' | 'seed'>[],
  ) => {
    for (let i = 0; i < count; i++) {
      const seed = 5000 + all.length
      all.push({
        ...variants[i % variants.length]!,
        dataset,
        architecture,
        seed,
        name: `${dataset}-${architecture}-${seed}`,
      })
    }
  }
  const signs = [
    {perClass: 300, options: {epochs: 7}},
    {perClass: 200, options: {epochs: 9, border: 'black'}},
    {perClass: 250, options: {epochs: 8, schedule: 'cosine', learningRate: 0.05}},
    {perClass: 300, options: {epochs: 6, weightDecay: 1e-4, border: 'black', shift: 2}},
  ]
  const cifar = [
    {perClass: 400, options: {epochs: 10, flip: true, border: 'black'}},
    {perClass: 400, options: {epochs: 10, flip: true, schedule: 'cosine', learningRate: 0.05}},
  ]
  // In rounds, so that a folder that is not finished holds some of each.
  for (let round = 0; round < 4; round++) {
    add('signs', 'wrn-16-1', 7, signs)
    add('cifar10', 'wrn-16-1', 3, cifar)
    add('signs', 'resnet-14', 3, signs)
    add('cifar10', 'resnet-14', 1, cifar)
  }
  return all
}

const {positionals, values} = parseArgs({
  allowPositionals: true,
  options: {cifar: {type: 'string'}, only: {type: 'string'}},
})
const folder = positionals[0]
if (folder === undefined) throw new Error('Name a folder: node scripts/clean-teachers.ts FOLDER')
await mkdir(folder, {recursive: true})
await using engine = await openEngine('auto')
const progress = createProgress({stream: process.stderr})

for (const recipe of recipes()) {
  const path = join(folder, `${recipe.name}.safetensors`)
  if (existsSync(path) || (values.only && !recipe.name.includes(values.only))) continue
  if (recipe.dataset === 'cifar10' && values.cifar === undefined) continue
  const random = createRandom(recipe.seed)
  const data = recipe.dataset === 'signs' ? await signs(recipe) : await cifarSheets(values.cifar!)
  const architecture = architectureByName(recipe.architecture, {classes: data.classes, input: [32, 32, 3]})
  using network = createNetwork(architecture, random.fork('network'))
  const model = createModel(network, data.normalisation)
  const context = {engine, random: random.fork('training'), progress, signal: new AbortController().signal}
  let accuracy = 0
  const began = performance.now()
  for await (const epoch of trainClassifier(model, data, {
    options: TrainingOptions.parse(recipe.options),
    context,
  }))
    accuracy = epoch.accuracy
  await writeSafetensors(path, await toStateDict(network))
  await writeCard(path, {
    version: 1,
    architecture: architecture.name,
    input: [32, 32, 3],
    mean: [...data.normalisation.mean] as [number, number, number],
    std: [...data.normalisation.std] as [number, number, number],
    classes: data.classes,
    notes: `dataset=${recipe.dataset} seed=${recipe.seed} recipe=${JSON.stringify({perClass: recipe.perClass, ...recipe.options}).replaceAll(/[{}"]/g, '')} accuracy=${accuracy.toFixed(4)}`,
  })
  process.stdout.write(
    `${recipe.name}: accuracy ${(100 * accuracy).toFixed(1)} %, ${((performance.now() - began) / 1000).toFixed(0)} s\n`,
  )
}

/** Ten of the 43 classes, drawn by the seed; every third teacher has the demo's. */
async function signs({seed, perClass}: Recipe): Promise<Dataset> {
  const drawn = [...createRandom(seed).fork('classes').permutation(43)].slice(0, 10)
  return loadSigns({...(seed % 3 ? {classes: drawn} : {}), perClass, testPerClass: 50, seed})
}

async function cifarSheets(from: string): Promise<Dataset> {
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
  return {
    name: 'cifar10',
    classes: 10,
    classNames: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
    normalisation: normalisations.cifar10,
    train: {
      images: concatImages(first!, ...rest),
      labels: Int32Array.from(train.flatMap(({labels: l}) => [...l])),
    },
    test: sheet(50),
  }
}
