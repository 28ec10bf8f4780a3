import type {Registry} from '@abd/core'
import {shellWord, usageError} from '@abd/core'
import {checkInput} from '@abd/core/audit'
import {ensureWritable, writeOutputs} from '@abd/core/report'
import {parseSettings, resolveOptions} from '@abd/core/train'
import {join} from 'node:path'
import type {z} from 'zod'
import type {Cell} from './cell.ts'
import {curvesPlot} from './curves-plot.ts'
import {methods as allMethods} from './job.ts'
import type {Job, Method} from './job.ts'
import {plainPath} from './plain-path.ts'
import {plan} from './plan.ts'
import {renderMarkdown, tableTexts} from './render-table.ts'
import {readCells, runPlan} from './run-plan.ts'
import type {Failure} from './run-plan.ts'
import {scales} from './scales.ts'
import {tabulate} from './tabulate.ts'
import type {Table} from './tabulate.ts'
import {transferPlot} from './transfer-plot.ts'

export interface TableRequest {
  readonly scale: keyof typeof scales
  readonly dataset: string | undefined
  readonly triggers: readonly string[] | undefined
  readonly methods: readonly Method[] | undefined
  /** Comma-separated. */
  readonly seeds: string | undefined
  /** `trigger.name=value`. */
  readonly settings: readonly string[]
  readonly folder: string
  /** `list` writes nothing, `tabulate` runs nothing. */
  readonly mode: 'run' | 'list' | 'tabulate'
}

export interface Reproduced {
  readonly jobs: readonly {
    readonly name: string
    readonly done: boolean
    readonly command: readonly string[]
  }[]
  readonly failures: readonly Failure[]
  readonly files: readonly string[]
  readonly table: Table
  /** As they are printed; null where nothing but the list was asked for. */
  readonly texts: {readonly head: readonly string[]; readonly rows: readonly (readonly string[])[]} | null
}

/**
 * What `abd reproduce table1` does. All that the user said is checked before anything is run. Throws E_DATASET, E_SEEDS,
 * E_TRIGGER_UNKNOWN, E_SETTING, E_OPTIONS, E_CELLS, and what `runPlan` throws.
 */
export async function reproduceTable(
  request: TableRequest,
  {
    registry,
    ...running
  }: {
    readonly registry: Registry
  } & Parameters<typeof runPlan>[1],
): Promise<Reproduced> {
  const {mode} = request
  const folder = plainPath(request.folder)
  const {chosen, all} = jobsOf(request, registry)
  const grid = {folder, jobs: chosen}
  const there = await readCells({folder, jobs: all})
  if (mode === 'tabulate' && there.size === 0)
    throw usageError({
      code: 'E_CELLS',
      message: `There is no cell of this table in ${folder}.`,
      hints: ['Give the folder of a run as --out, or run it: without --tabulate.'],
    })
  if (mode !== 'list')
    for (const part of mode === 'run' ? ['cells', 'teachers', 'students'] : ['.'])
      await ensureWritable(join(folder, part))
  const ran = mode === 'run' ? await runPlan(grid, running) : {cells: there, failures: []}
  const {failures} = ran
  const cells = new Map([...there, ...ran.cells])
  for (const {name} of failures) cells.delete(name)
  // What was run before of the same scale stays in the table.
  const jobs = all.filter((job) => chosen.some(({name}) => name === job.name) || cells.has(job.name))
  const table = tabulate(jobs, cells)
  const files =
    mode === 'list'
      ? {}
      : {
          'table1.md': renderMarkdown(table, {intro: introOf(request, jobs, cells)}),
          'table1.json': `${JSON.stringify(table, null, 2)}\n`,
          'curves.svg': curvesPlot(table, jobs, cells),
          'transfer.svg': transferPlot(table, jobs, cells),
        }
  const written = await writeOutputs(folder, files)
  return {
    jobs: grid.jobs.map((job) => ({
      name: job.name,
      done: cells.has(job.name),
      command: job.command(folder),
    })),
    failures,
    files: written,
    table,
    texts: mode === 'list' ? null : tableTexts(table),
  }
}

/** What was asked for, and with it all of the scale. */
function jobsOf(request: TableRequest, registry: Registry) {
  const scale = scales[request.scale]
  const given = request.dataset ?? scale.dataset
  if (given === undefined)
    throw usageError({
      code: 'E_DATASET',
      message: `The scale '${request.scale}' needs CIFAR-10, which does not come with abd.`,
      hints: ['Give its folder: --dataset cifar-10-batches-bin/'],
    })
  if (given !== 'signs') checkInput('--dataset', given)
  const dataset = given === 'signs' ? given : plainPath(given)
  const names = (request.triggers ?? scale.triggers).map((name) => registry.get('trigger', name).name)
  const triggers = [...new Set(names)]
  checkSettings(request.settings, triggers, registry)
  if (request.mode === 'run') checkFiles(request.settings, triggers)
  const seeds = request.seeds === undefined ? scale.seeds : parseSeeds(request.seeds)
  const fixed = {dataset, triggerSettings: request.settings}
  const methods = allMethods.filter((method) => request.methods?.includes(method) ?? true)
  return {
    chosen: plan(scale, {...fixed, triggers, methods, seeds}),
    all: plan(scale, {
      ...fixed,
      triggers: [...new Set([...scale.triggers, ...triggers])],
      methods: allMethods,
      seeds: [...new Set([...scale.seeds, ...seeds])],
    }),
  }
}

/** Throws E_SETTING and E_OPTIONS. */
function checkSettings(settings: readonly string[], triggers: readonly string[], registry: Registry): void {
  const ownerOf = (text: string) => triggers.find((name) => text.startsWith(`${name}.`) && text.includes('='))
  const stranger = settings.find((text) => ownerOf(text) === undefined)
  if (stranger !== undefined)
    throw usageError({
      code: 'E_SETTING',
      message: `--set ${stranger} sets no option of a trigger of this table.`,
      hints: [`Write --set TRIGGER.NAME=VALUE; the triggers are ${triggers.join(', ')}.`],
    })
  for (const name of triggers) {
    const own = settings.filter((text) => ownerOf(text) === name).map((text) => text.slice(name.length + 1))
    const options = registry.get('trigger', name).options as z.ZodObject
    if (own.length > 0) resolveOptions(options, parseSettings(own), `trigger '${name}'`)
  }
}

/** Of triggers that poison with images of the user's: the option that names them. */
const filesOf: Readonly<Record<string, string>> = {cl: 'adversarial'}

/** Its teacher may be hours away. Throws E_OPTIONS. */
function checkFiles(settings: readonly string[], triggers: readonly string[]): void {
  for (const name of triggers) {
    const option = filesOf[name]
    if (option === undefined || settings.some((text) => text.startsWith(`${name}.${option}=`))) continue
    const others = triggers.filter((other) => other !== name)
    throw usageError({
      code: 'E_OPTIONS',
      message: `The trigger ${name} poisons with images of yours, and none are given.`,
      hints: [
        `Name them: --set ${name}.${option}=FILE.npy`,
        ...(others.length > 0
          ? [`Or leave it out: ${others.map((other) => `--trigger ${other}`).join(' ')}`]
          : []),
      ],
    })
  }
}

function parseSeeds(text: string): readonly number[] {
  const seeds = text.split(',')
  if (seeds.every((seed) => /^\d{1,9}$/.test(seed))) return [...new Set(seeds.map(Number))]
  throw usageError({
    code: 'E_SEEDS',
    message: `--seeds ${text}: these are no seeds.`,
    hints: ['Write whole numbers with commas between them, as in --seeds 0,1,2.'],
  })
}

/** Tells how the whole of a table can be made again, whichever commands added to it. */
function introOf(request: TableRequest, jobs: readonly Job[], cells: ReadonlyMap<string, Cell>): string {
  const engines = [
    ...new Set([...cells.values()].map(({engine, device}) => (device ? `${engine} (${device})` : engine))),
  ].sort()
  return [
    `# Table 1, scale ${request.scale}`,
    '',
    `Made by \`${['abd', 'reproduce', 'table1', ...wordsOf(request, jobs)].map(shellWord).join(' ')}\` on ${engines.join(' and ') || 'no engine yet'}; every cell keeps its command (\`cells/\`).`,
  ].join('\n')
}

function wordsOf({scale: name, dataset, settings}: TableRequest, jobs: readonly Job[]): readonly string[] {
  const scale = scales[name]
  const places = jobs.flatMap(({place}) => place ?? [])
  const each = (flag: string, present: readonly string[], usual: readonly string[]) =>
    isSame(present, usual) ? [] : present.flatMap((value) => [flag, value])
  const seeds = [...new Set(places.map(({seed}) => seed))].sort((a, b) => a - b)
  return [
    ...['--scale', name],
    ...(dataset === undefined ? [] : ['--dataset', dataset]),
    ...each('--trigger', [...new Set(jobs.map(({trigger}) => trigger))], scale.triggers),
    ...each(
      '--method',
      allMethods.filter((method) => places.some((place) => place.method === method)),
      allMethods,
    ),
    ...(isSame(seeds, scale.seeds) ? [] : ['--seeds', seeds.join(',')]),
    ...settings.flatMap((text) => ['--set', text]),
  ]
}

const isSame = <T>(present: readonly T[], usual: readonly T[]): boolean =>
  present.length === usual.length && present.every((value) => usual.includes(value))
