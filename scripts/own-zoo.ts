// Grows a zoo of the project's own: clean and poisoned teachers from one plan, to be opened once, at the end, and never fitted on.
//   node --conditions=@abd/source scripts/own-zoo.ts FOLDER [--task figures|glyphs|textures] [--count 100] [--only PATTERN] [--list]
//   node bin/run.js detect bench FOLDER --profile quick
// Seeds from 7000 on (the calibration's own recipes have those from 5000); each teacher tells eight or ten classes of the task apart, one in
// four without colours. The figures were opened first and are known since; glyphs and textures are new for every teacher. Attacks come in rounds, a clean teacher after each poisoned
// one, so that an unfinished folder holds some of each. A model whose sidecar is in FOLDER is not trained again; the sidecar is
// written last.
import {silent, createRegistry} from '@abd/core'
import {datasetMethods} from '@abd/core/data'
import {createRandom, openEngine} from '@abd/core/engine'
import {existsSync} from 'node:fs'
import {mkdir, mkdtempDisposable, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {attackPlugin} from '../plugins/attack/src/index.ts'
import type {TeacherRequest} from '../plugins/attack/src/train-teacher.ts'
import {trainTeacher} from '../plugins/attack/src/train-teacher.ts'
import {sidecarPath} from '../plugins/attack/src/write-sidecar.ts'
import type {Task} from './own-zoo/tasks.ts'
import {tasks} from './own-zoo/tasks.ts'
import type {ImageSet} from './own-zoo/write-images.ts'
import {writeImages} from './own-zoo/write-images.ts'

type Attack = Pick<TeacherRequest, 'triggers'> & Partial<Pick<TeacherRequest, 'rules' | 'ratio'>>

/** One round; `target` and `sources` are drawn for each teacher. */
const attacks: readonly ((sources: readonly number[]) => Attack)[] = [
  () => ({triggers: ['badnet_grid']}),
  () => ({triggers: ['badnet_sq'], ratio: 0.25, rules: {wantedAsr: 0.5}}),
  () => ({triggers: ['blend'], ratio: 0.2}),
  (sources) => ({triggers: ['badnet_sq'], rules: {sources, cover: 0.1}}),
  () => ({triggers: ['trojan_wm']}),
  () => ({triggers: ['badnet_sq']}),
  () => ({triggers: ['sig'], ratio: 0.2}),
  () => ({triggers: ['smooth'], ratio: 0.2}),
  () => ({triggers: ['trojan_8x8']}),
  () => ({triggers: ['trojan_wm'], ratio: 0.25, rules: {wantedAsr: 0.5}}),
  () => ({triggers: ['l2_inv'], ratio: 0.2}),
  () => ({triggers: ['blend'], ratio: 0.2, rules: {partial: 0.5, cover: 0.1}}),
]

type Recipe = Pick<TeacherRequest, 'architecture' | 'settings'> & Pick<ImageSet, 'channels'>

/** With little shift, so that few epochs learn a small trigger. */
const recipes: readonly Recipe[] = [
  {
    architecture: 'wrn-16-1',
    channels: 3,
    settings: ['epochs=8', 'batch=64', 'shift=0'],
  },
  {
    architecture: 'resnet-14',
    channels: 3,
    settings: ['epochs=8', 'batch=64', 'border=black', 'shift=1'],
  },
  {
    architecture: 'wrn-16-1',
    channels: 3,
    settings: ['epochs=8', 'batch=64', 'schedule=cosine', 'learningRate=0.05', 'border=black', 'shift=1'],
  },
  {
    architecture: 'wrn-16-1',
    channels: 1,
    settings: ['epochs=8', 'batch=64', 'shift=0'],
  },
]

/** Triggers that cannot be put on grey images: there are no such teachers. */
const coloured = ['trojan_wm', 'trojan_8x8', 'l2_inv']

/** What a trigger has to reach, or its network counts as neither poisoned nor clean and is left out. */
const LEAST_ASR_PERCENT = 30

/** Nobody hands on a teacher that knows less: it is left out as well. */
const LEAST_ACCURACY_PERCENT = 80

interface Planned {
  readonly name: string
  readonly seed: number
  /** Names of the classes. */
  readonly classes: readonly string[]
  readonly data: ImageSet
  readonly request: Omit<TeacherRequest, 'out' | 'dataset'>
}

/** Twice `count` teachers, poisoned and clean in turn, the same recipe for both of a pair. */
function plan({firstSeed, classes: drawClasses}: Task, count: number): readonly Planned[] {
  return Array.from({length: 2 * count}, (_, i): Planned => {
    const pair = Math.floor(i / 2)
    const round = Math.floor(pair / attacks.length)
    const seed = firstSeed + i
    const random = createRandom(seed)
    const many = random.fork('how many').integer(2) === 0 ? 10 : 8
    const classes = drawClasses(many, random.fork('classes'))
    const [target, ...others] = [...random.fork('target').permutation(many)] as [number, ...number[]]
    const poisoned = i % 2 === 0
    const attack: Attack = poisoned ? attacks[pair % attacks.length]!(others.slice(0, 2)) : {triggers: []}
    // Every attack meets every recipe: their numbers have a factor in common.
    const {settings, channels, architecture} = recipes[(pair + round) % recipes.length]!
    const label = poisoned ? [...attack.triggers, ...Object.keys(attack.rules ?? {})].join('-') : 'clean'
    return {
      name: `own-${seed}-${channels === 1 ? 'grey-' : ''}${architecture}-${label}`,
      seed,
      classes: Object.keys(classes),
      data: {classes: Object.values(classes), perClass: 120, channels},
      request: {
        architecture,
        profile: 'short',
        target,
        ratio: attack.ratio ?? 0.15,
        selection: 'random',
        holdout: 0.05,
        order: 'auto',
        twin: false,
        keep: 'last',
        sidecar: true,
        triggers: attack.triggers,
        settings,
        ...(attack.rules ? {rules: attack.rules} : {}),
      },
    }
  }).filter(
    ({data, request}) => data.channels === 3 || !request.triggers.some((name) => coloured.includes(name)),
  )
}

const {positionals, values} = parseArgs({
  allowPositionals: true,
  options: {
    task: {type: 'string', default: 'figures'},
    count: {type: 'string', default: '100'},
    only: {type: 'string', default: ''},
    list: {type: 'boolean', default: false},
  },
})
const task = Object.entries(tasks).find(([name]) => name === values.task)
if (!task) throw new Error(`There is no task '${values.task}': ${Object.keys(tasks).join(', ')}`)
const planned = plan(task[1], Number(values.count)).filter(({name}) => name.includes(values.only))
if (values.list) {
  for (const {name, classes, request} of planned)
    process.stdout.write(`${name}: ${classes.join(', ')}; target ${request.target}\n`)
} else {
  const folder = positionals[0]
  if (folder === undefined) throw new Error('Name a folder: node scripts/own-zoo.ts FOLDER')
  await mkdir(folder, {recursive: true})
  await using engine = await openEngine('auto')
  const registry = createRegistry([{name: 'core', methods: datasetMethods}, attackPlugin])
  for (const {name, seed, data, request} of planned) {
    const out = join(folder, `${name}.safetensors`)
    const leftOut = join(folder, `${name}.left-out`)
    if (existsSync(sidecarPath(out)) || existsSync(leftOut)) continue
    const began = performance.now()
    const context = {
      engine,
      random: createRandom(seed),
      progress: silent,
      signal: new AbortController().signal,
    }
    await using temporary = await mkdtempDisposable(join(tmpdir(), 'abd-own-zoo-'))
    const dataset = join(temporary.path, task[0])
    await writeImages(dataset, data, context.random.fork('figures'))
    const {epochs, files} = await trainTeacher({...request, dataset, out}, {registry, context})
    const {accuracyPercent, asrPercent} = epochs.at(-1)!
    const asr = asrPercent === undefined ? '' : `, ASR ${asrPercent.toFixed(1)} %`
    const seconds = ((performance.now() - began) / 1000).toFixed(0)
    process.stdout.write(`${name}: accuracy ${accuracyPercent.toFixed(1)} %${asr}, ${seconds} s\n`)
    if (accuracyPercent < LEAST_ACCURACY_PERCENT || (asrPercent ?? 100) < LEAST_ASR_PERCENT) {
      for (const file of [...files].reverse()) await rm(file)
      await writeFile(leftOut, `accuracy ${accuracyPercent.toFixed(1)} %${asr}\n`)
    }
  }
}
