// Trains the clean teachers that the shipped calibration is made from: several architectures, data sets, recipes and seeds.
//   node --conditions=@abd/source scripts/clean-teachers.ts FOLDER [--cifar SHEETS] [--fashion FOLDER] [--only PATTERN] [--most N]
//   node bin/run.js detect calibrate FOLDER --out src/assets/calibration.json --id clean-2
// SHEETS is a folder with CIFAR-10 as PNG sheets (b0.png …: 1000 rows of one image each, labels.js beside them), the other one
// Fashion-MNIST as idx files. Their images are for training here and ship nowhere. What is in FOLDER already is not trained
// again, so it can be stopped at any moment; --most trains so many and ends. Several processes take a folder and a calibration each;
// abd detect calibrate --merge puts those together.
import {cardPath, writeCard} from '@abd/core/audit'
import {createProgress} from '@abd/cli'
import {createRandom, openEngine} from '@abd/core/engine'
import {writeSafetensors} from '@abd/core/modelfile'
import {architectureByName, createModel, createNetwork, toStateDict} from '@abd/core/nn'
import {evaluate, trainClassifier, TrainingOptions} from '@abd/core/train'
import {existsSync} from 'node:fs'
import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {changeAfterwards} from './clean-teachers/change-afterwards.ts'
import {loadRecipeData} from './clean-teachers/load-recipe-data.ts'
import {recipes} from './clean-teachers/recipes.ts'

const {positionals, values} = parseArgs({
  allowPositionals: true,
  options: {
    cifar: {type: 'string'},
    fashion: {type: 'string'},
    only: {type: 'string'},
    most: {type: 'string', default: 'Infinity'},
  },
})
const folder = positionals[0]
if (folder === undefined) throw new Error('Name a folder: node scripts/clean-teachers.ts FOLDER')
const most = Number(values.most)
if (!(most > 0)) throw new Error(`--most ${values.most} is no number of teachers.`)
await mkdir(folder, {recursive: true})
await using engine = await openEngine('auto')
const progress = createProgress({stream: process.stderr})
const signal = new AbortController().signal

let trained = 0
for (const recipe of recipes()) {
  if (trained >= most) break
  const path = join(folder, `${recipe.name}.safetensors`)
  // The card is written last: where it is missing the run before was stopped in between.
  if (existsSync(path) && existsSync(cardPath(path))) continue
  if (values.only && !recipe.name.includes(values.only)) continue
  const data = await loadRecipeData(recipe, values)
  if (!data) continue
  const random = createRandom(recipe.seed)
  const {height, width, channels} = data.train.images
  const architecture = architectureByName(recipe.architecture, {
    classes: data.classes,
    input: [height, width, channels],
  })
  using network = createNetwork(architecture, random.fork('network'))
  const model = createModel(network, data.normalisation)
  const began = performance.now()
  const train = async (stream: string, options: object) => {
    const context = {engine, random: random.fork(stream), progress, signal}
    const settings = {
      options: TrainingOptions.parse(options),
      context,
      labelSmoothing: recipe.smoothing,
    }
    for await (const _ of trainClassifier(model, data, settings));
  }
  await train('training', recipe.options)
  if (recipe.afterwards === 'fine-tuned')
    await train('fine-tuning', {...recipe.options, epochs: 2, learningRate: 0.01, schedule: 'cosine'})
  await changeAfterwards(network, recipe.afterwards)
  const {accuracy} = await evaluate(model, data.test)
  await writeSafetensors(path, await toStateDict(network))
  const {mean, std} = data.normalisation
  await writeCard(path, {
    version: 1,
    architecture: architecture.name,
    input: [height, width, channels],
    mean: oneAChannel(mean),
    std: oneAChannel(std),
    classes: data.classes,
    notes: `dataset=${recipe.dataset} seed=${recipe.seed} recipe=${inWords(recipe)} accuracy=${accuracy.toFixed(4)}`,
  })
  trained++
  process.stdout.write(
    `${recipe.name}: accuracy ${(100 * accuracy).toFixed(1)} %, ${((performance.now() - began) / 1000).toFixed(0)} s\n`,
  )
}

function oneAChannel(values: readonly number[]): [number] | [number, number, number] {
  return values.length === 1 ? [values[0]!] : [values[0]!, values[1]!, values[2]!]
}

function inWords({perClass, options, smoothing, afterwards}: ReturnType<typeof recipes>[number]): string {
  const said = {
    perClass,
    ...options,
    ...(smoothing ? {smoothing} : {}),
    ...(afterwards === 'none' ? {} : {afterwards}),
  }
  return JSON.stringify(said).replaceAll(/[{}"]/g, '')
}
