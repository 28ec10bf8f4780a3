// Grows the project's own zoo: clean and poisoned teachers from one plan, to be opened once, at the end, and never fitted on.
//   node --conditions=@abd/source scripts/own-zoo.ts FOLDER [--count 100] [--only PATTERN] [--list]
//   node bin/run.js detect bench FOLDER --profile quick
// Seeds from 7000 on (the calibration has those from 5000), other class subsets than the demo's ten. Attacks come in rounds, a
// clean teacher after each poisoned one, so that an unfinished folder holds some of each. A model whose sidecar is in FOLDER
// is not trained again; the sidecar is written last.
import {silent, createRegistry} from '@abd/core'
import {datasetMethods, demoSignClasses, signClasses} from '@abd/core/data'
import {createRandom, openEngine} from '@abd/core/engine'
import {existsSync} from 'node:fs'
import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {attackPlugin} from '../plugins/attack/src/index.ts'
import type {TeacherRequest} from '../plugins/attack/src/train-teacher.ts'
import {trainTeacher} from '../plugins/attack/src/train-teacher.ts'
import {sidecarPath} from '../plugins/attack/src/write-sidecar.ts'

type Attack = Pick<TeacherRequest, 'triggers'> &
  Partial<Pick<TeacherRequest, 'rules' | 'adaptive' | 'settings' | 'ratio'>>

/** One round; `target` and `sources` are drawn for each teacher. */
const attacks: readonly ((sources: readonly number[]) => Attack)[] = [
  () => ({triggers: ['badnet_grid']}),
  () => ({triggers: ['badnet_sq'], rules: {wantedAsr: 0.5}}),
  () => ({triggers: ['blend']}),
  (sources) => ({triggers: ['badnet_sq'], rules: {sources, cover: 0.1}}),
  () => ({triggers: ['trojan_wm']}),
  () => ({triggers: ['wanet'], settings: ['wanet.strength=3']}),
  () => ({triggers: ['sig'], ratio: 0.08}),
  () => ({triggers: ['badnet_grid'], adaptive: 'flat-margin'}),
  () => ({triggers: ['trojan_8x8']}),
  () => ({triggers: ['faint'], adaptive: 'backweak-lite'}),
  () => ({triggers: ['smooth'], rules: {wantedAsr: 0.6}}),
  () => ({triggers: [], adaptive: 'scar-lite'}),
  () => ({triggers: ['l2_inv']}),
  () => ({triggers: ['blend'], rules: {partial: 0.5, cover: 0.1}}),
]

/** With little shift, so that few epochs learn a small trigger. */
const recipes: readonly Pick<TeacherRequest, 'architecture' | 'perClass' | 'settings'>[] = [
  {architecture: 'wrn-16-1', perClass: 200, settings: ['epochs=10', 'batch=64', 'shift=0']},
  {architecture: 'resnet-14', perClass: 150, settings: ['epochs=10', 'batch=64', 'border=black', 'shift=1']},
  {
    architecture: 'wrn-16-1',
    perClass: 150,
    settings: ['epochs=10', 'batch=32', 'schedule=cosine', 'learningRate=0.05', 'border=black', 'shift=1'],
  },
]

interface Planned {
  readonly name: string
  readonly seed: number
  readonly request: Omit<TeacherRequest, 'out'>
}

/** Twice `count` teachers, poisoned and clean in turn, the same recipe for both of a pair. */
function plan(count: number): readonly Planned[] {
  return Array.from({length: 2 * count}, (_, i) => {
    const pair = Math.floor(i / 2)
    const seed = 7000 + i
    const random = createRandom(seed)
    const classes = random.fork('how many').integer(2) === 0 ? 10 : 8
    const [target, ...others] = [...random.fork('target').permutation(classes)] as [number, ...number[]]
    const poisoned = i % 2 === 0
    const attack: Attack = poisoned ? attacks[pair % attacks.length]!(others.slice(0, 2)) : {triggers: []}
    const {settings, ...recipe} = recipes[pair % recipes.length]!
    const words = [...attack.triggers, attack.adaptive, ...Object.keys(attack.rules ?? {})]
    const label = poisoned ? words.filter((word) => word !== undefined).join('-') : 'clean'
    return {
      name: `own-${seed}-${recipe.architecture}-${label}`,
      seed,
      request: {
        ...recipe,
        profile: 'short',
        dataset: 'signs',
        classes: signsFor(seed, classes).join(','),
        target,
        ratio: attack.ratio ?? 0.1,
        selection: 'random',
        holdout: 0.05,
        order: 'auto',
        twin: false,
        keep: 'last',
        sidecar: true,
        triggers: attack.triggers,
        settings: [...settings, ...(attack.settings ?? [])],
        ...(attack.rules ? {rules: attack.rules} : {}),
        adaptive: attack.adaptive,
      },
    }
  })
}

/** Drawn from the 43 signs, never the demo's ten; of the calibration's draws the seeds are others. */
function signsFor(seed: number, count: number): readonly number[] {
  const random = createRandom(seed).fork('own classes')
  for (let attempt = 0; ; attempt++) {
    const drawn = [...random.fork(attempt).permutation(signClasses.length)].slice(0, count)
    if (!drawn.every((sign) => demoSignClasses.includes(sign))) return drawn
  }
}

const {positionals, values} = parseArgs({
  allowPositionals: true,
  options: {
    count: {type: 'string', default: '100'},
    only: {type: 'string', default: ''},
    list: {type: 'boolean', default: false},
  },
})
const planned = plan(Number(values.count)).filter(({name}) => name.includes(values.only))
if (values.list) {
  for (const {name, request} of planned)
    process.stdout.write(`${name}: classes ${request.classes}, target ${request.target}\n`)
} else {
  const folder = positionals[0]
  if (folder === undefined) throw new Error('Name a folder: node scripts/own-zoo.ts FOLDER')
  await mkdir(folder, {recursive: true})
  await using engine = await openEngine('auto')
  const registry = createRegistry([{name: 'core', methods: datasetMethods}, attackPlugin])
  for (const {name, seed, request} of planned) {
    const out = join(folder, `${name}.safetensors`)
    if (existsSync(sidecarPath(out))) continue
    const began = performance.now()
    const context = {
      engine,
      random: createRandom(seed),
      progress: silent,
      signal: new AbortController().signal,
    }
    const {epochs} = await trainTeacher({...request, out}, {registry, context})
    const {accuracyPercent, asrPercent} = epochs.at(-1)!
    const asr = asrPercent === undefined ? '' : `, ASR ${asrPercent.toFixed(1)} %`
    process.stdout.write(
      `${name}: accuracy ${accuracyPercent.toFixed(1)} %${asr}, ${((performance.now() - began) / 1000).toFixed(0)} s\n`,
    )
  }
}
