import type {
  CheckCommand,
  Failure,
  Job,
  JobOptions,
  Matrix,
  Outcome,
  PlanFile,
  Submitted,
  Sweep,
  Tabulated,
} from '@abd/core/sweep'
import type {Recorder} from '@abd/core'
import {Flags} from '@oclif/core'
import {setTimeout as sleep} from 'node:timers/promises'
import {BaseCommand} from './base-command.ts'
import {checkCommand, recordsItself} from './check-command.ts'
import {printableLine} from './printable.ts'
import {table} from './table.ts'
import {thisProgram} from './run-abd.ts'
import {trackingFlags} from './tracking-flags.ts'
import type {TrackingFlags} from './tracking-flags.ts'

/** Of commands that run jobs of a sweep on this machine. */
const machineFlags = {
  jobs: Flags.integer({
    char: 'j',
    min: 1,
    max: 4096,
    helpValue: 'N',
    summary: 'At most so many jobs at a time (default: as many as cores, memory and GPUs allow).',
  }),
  gpus: Flags.integer({
    min: 0,
    max: 64,
    helpValue: 'N',
    summary: 'GPU slots (default: those of CUDA_VISIBLE_DEVICES, else what nvidia-smi lists).',
  }),
  ...trackingFlags,
}

/** Of commands that run a sweep, wherever that is. */
export const executorFlags = {
  executor: Flags.option({options: ['local', 'slurm', 'github'] as const})({
    helpValue: 'local|slurm|github',
    summary:
      'Where jobs run: on this machine, as job arrays of Slurm, or as a matrix of GitHub, which is printed (default: on Slurm where they were, else here).',
  }),
  submit: Flags.boolean({
    default: true,
    allowNo: true,
    summary: 'With Slurm: submit the job scripts; --no-submit only writes them, to be read and edited.',
  }),
  level: Flags.integer({
    min: 0,
    helpValue: 'N',
    summary: 'With GitHub: the matrix of this level alone; jobs of level 1 need some of level 0.',
  }),
  ...machineFlags,
}

export type ExecutorFlags = MachineFlags & {
  readonly executor?: 'local' | 'slurm' | 'github' | undefined
  readonly level?: number | undefined
  readonly submit: boolean
}

export type MachineFlags = TrackingFlags & {
  readonly jobs?: number | undefined
  readonly gpus?: number | undefined
}

/** What a run of a sweep came to. */
export interface SweepRun {
  readonly name: string
  readonly folder: string
  readonly jobs: number
  readonly done: number
  /** Run now. */
  readonly ran: number
  readonly failures: readonly Failure[]
  readonly blocked: readonly string[]
  readonly isCancelled: boolean
  readonly files: readonly string[]
  /** As it is printed. */
  readonly table: string
}

/** What was given to Slurm. */
export interface Submission extends Submitted {
  readonly name: string
  readonly folder: string
  readonly jobs: number
}

/** Matrices for GitHub, one after the other. */
export interface Levels {
  readonly name: string
  readonly folder: string
  readonly levels: readonly Matrix[]
}

/** What the commands of `abd sweep` share. */
export abstract class SweepCommand extends BaseCommand {
  /** Throws E_PLAN; commands of abd in it are looked up. */
  protected async readPlan(path: string): Promise<PlanFile> {
    const {readPlan} = await import('@abd/core/sweep')
    const check: CheckCommand = async (words) => checkCommand(words, this.config)
    return readPlan(path, {checkCommand: check})
  }

  /** Runs what is missing, where the flags say. */
  protected async runSweep(sweep: Sweep, flags: ExecutorFlags): Promise<SweepRun | Submission | Levels> {
    const {hasSubmissions, within} = await import('@abd/core/sweep')
    const {rm} = await import('node:fs/promises')
    await rm(within(sweep.folder).cancelled, {force: true})
    const executor = flags.executor ?? (hasSubmissions(sweep) ? 'slurm' : 'local')
    if (executor === 'github') return this.printMatrix(sweep, flags.level)
    return executor === 'slurm' ? this.runOnSlurm(sweep, flags) : this.runHere(sweep, flags)
  }

  /** For `strategy.matrix`: GitHub schedules, and each of its jobs runs `abd sweep job`. */
  private async printMatrix(sweep: Sweep, level: number | undefined): Promise<Levels> {
    const {idsIn, matrices, within} = await import('@abd/core/sweep')
    const levels = matrices(sweep.jobs, await idsIn(within(sweep.folder).results, '.json'))
    this.log(JSON.stringify(level === undefined ? {levels} : (levels[level] ?? {include: []})))
    return {name: sweep.name, folder: sweep.folder, levels}
  }

  /** Gives Slurm what is missing; it schedules. */
  private async runOnSlurm(sweep: Sweep, flags: ExecutorFlags): Promise<Submission> {
    const {submitToSlurm} = await import('@abd/core/sweep')
    const submitted = await this.trackedSweep(sweep, flags, async (recorder) => {
      recorder?.params({sweep: sweep.name})
      recorder?.artifact('plan.yml', await planText(sweep))
      return submitToSlurm(sweep, {
        program: thisProgram(),
        extraWords: flags.track === undefined ? [] : [flags.track ? '--track' : '--no-track'],
        environment: trackingEnvironment(flags),
        submit: flags.submit,
      })
    })
    const {arrays, scripts, edited, queued, done} = submitted
    for (const {name, number, tasks} of arrays)
      this.log(`Submitted ${tasks} job${tasks > 1 ? 's' : ''} as ${number}: ${printableLine(name)}`)
    for (const path of edited) this.log(`As it was edited: ${printableLine(path)}`)
    if (flags.submit)
      this.log(
        `${done} of ${sweep.jobs.length} jobs are done, ${queued} were in the queue already. See: abd sweep status ${printableLine(sweep.folder)}`,
      )
    else this.log(`Wrote ${scripts.map(printableLine).join(', ')}`)
    return {name: sweep.name, folder: sweep.folder, jobs: sweep.jobs.length, ...submitted}
  }

  /** Runs what is missing on this machine; what failed is told, and makes the exit code 4. */
  private async runHere(sweep: Sweep, flags: MachineFlags): Promise<SweepRun> {
    const {findGpus, recordChild, runLocal, thisMachine} = await import('@abd/core/sweep')
    const gpus = flags.gpus === undefined ? findGpus(process.env) : numbered(flags.gpus)
    const ran = await this.trackedSweep(sweep, flags, async (recorder, address) => {
      const task = this.progress.start(`sweep ${sweep.name}`, sweep.jobs.length)
      const run = await runLocal(sweep, {
        ...this.jobOptions(flags, address),
        capacity: {...thisMachine(), gpus, jobs: flags.jobs ?? 4096},
        onOutcome: (job, outcome) => {
          if (outcome.state === 'elsewhere') return
          task.advance(1, job.name)
          if (outcome.state === 'failed') this.progress.note(`${job.name} failed: ${outcome.reason}`)
          else if (outcome.isNew && recorder && !this.recordsItself(job))
            recordChild(recorder, outcome.result)
        },
        onElsewhere: (job, heldBy) =>
          this.progress.note(
            `${job.name} is left to another process (${printableLine(heldBy)}); if there is none, remove locks/${job.id}.lock`,
          ),
        onAgain: (job) =>
          this.progress.note(
            `${job.name} is run again: files of it are gone, or what it needs is another one`,
          ),
        pause: () => sleep(1000, undefined, {signal: this.signal}),
      }).finally(() => task.end())
      return this.finish(sweep, run, recorder)
    })
    this.tellRun(ran)
    if (ran.failures.length > 0 || ran.isCancelled) process.exitCode = 4
    return ran
  }

  /** Runs one job, as a run below the sweep's in MLflow where its command records none itself. */
  protected async runOne(sweep: Sweep, job: Job, flags: TrackingFlags): Promise<Outcome> {
    const {isDeadOnSlurm, recordJob, runJob} = await import('@abd/core/sweep')
    const slurm = slurmTask(process.env)
    const run = (recorder: Recorder | undefined) =>
      this.untilCancelled(sweep, async (signal) => {
        const outcome = await runJob(sweep, job, {
          ...this.jobOptions(flags, sweep.uid),
          signal,
          slurm,
          ...(slurm === undefined
            ? {}
            : {isDead: (holder) => isDeadOnSlurm(holder, {sweep, id: job.id, slurm})}),
        })
        if (recorder && outcome.state === 'done') recordJob(recorder, outcome.result)
        return outcome
      })
    if (this.recordsItself(job)) return run(undefined)
    return this.tracked(
      flags,
      {name: job.name, parent: sweep.uid, hasFailed: ({state}: Outcome) => state !== 'done'},
      run,
    )
  }

  /** Ends it, too, when somebody cancels the sweep. */
  private async untilCancelled<T>(sweep: Sweep, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const {watchCancel} = await import('@abd/core/sweep')
    const {environmentError} = await import('@abd/core')
    using cancel = watchCancel(sweep)
    try {
      return await work(AbortSignal.any([this.signal, cancel.signal]))
    } catch (error) {
      if (!cancel.signal.aborted || this.signal.aborted) throw error
      throw environmentError({
        code: 'E_SWEEP_CANCELLED',
        message: 'The sweep was cancelled.',
        hints: [`Go on with: abd sweep resume ${sweep.folder}`],
      })
    }
  }

  /** The sweep's own run in MLflow, that of its jobs lie below; the same one, whoever runs it again. */
  protected async trackedSweep<T>(
    sweep: Sweep,
    flags: TrackingFlags,
    work: (recorder: Recorder | undefined, address: string | undefined) => Promise<T>,
  ): Promise<T> {
    const {within} = await import('@abd/core/sweep')
    return this.tracked(
      flags,
      {
        name: `sweep ${sweep.name}`,
        shared: {uid: sweep.uid, lock: within(sweep.folder).tracking},
        hasFailed: (result: T) => ((result as Partial<SweepRun> | undefined)?.failures?.length ?? 0) > 0,
      },
      work,
    )
  }

  /** How a job is run, wherever it is. */
  private jobOptions(
    flags: TrackingFlags,
    address: string | undefined,
  ): Pick<JobOptions, 'program' | 'signal' | 'environment' | 'extraWords' | 'now'> {
    return {
      program: thisProgram(),
      signal: this.signal,
      now: () => Date.now(),
      environment: {
        ...(address === undefined ? {} : {ABD_TRACK_PARENT: address}),
        ...trackingEnvironment(flags),
      },
      extraWords: (job) =>
        this.recordsItself(job)
          ? [
              ...(flags.track === undefined ? [] : [flags.track ? '--track' : '--no-track']),
              ...(job.words.includes('--run-name') ? [] : ['--run-name', job.name]),
            ]
          : [],
    }
  }

  /** Does its command record a run in MLflow? */
  private recordsItself({program, words}: Job): boolean {
    return program === null && recordsItself(words, this.config)
  }

  /** Tables and pictures of what is done, in the folder and on the sweep's run in MLflow. */
  protected async tabulate(
    sweep: Sweep,
    recorder: Recorder | undefined,
  ): Promise<(Tabulated & {readonly text: string}) | undefined> {
    const {legendOf, tabulateSweep, tableTexts} = await import('@abd/core/sweep')
    const {AbdError} = await import('@abd/core')
    const {basename} = await import('node:path')
    const tabulated = await tabulateSweep(sweep).catch((error: unknown) => {
      if (error instanceof AbdError && error.code === 'E_SWEEP_EMPTY') return undefined
      throw error
    })
    if (!tabulated) return undefined
    for (const file of tabulated.files) await recorder?.file(basename(file), file)
    const text = tabulated.tables
      .map((one) => {
        const {head, rows} = tableTexts(one)
        return `${table(head, rows, head.map((_, i) => i).slice(1))}\n${printableLine(legendOf(one))}`
      })
      .join('\n\n')
    return {...tabulated, text}
  }

  private async finish(
    sweep: Sweep,
    {ran, failures, blocked, isCancelled}: Pick<SweepRun, 'ran' | 'failures' | 'blocked' | 'isCancelled'>,
    recorder: Recorder | undefined,
  ): Promise<SweepRun> {
    const {countStates, jobStates} = await import('@abd/core/sweep')
    const {done} = countStates(await jobStates(sweep))
    const tabulated = done > 0 ? await this.tabulate(sweep, recorder) : undefined
    recorder?.params({sweep: sweep.name})
    recorder?.metrics({'jobs/all': sweep.jobs.length, 'jobs/done': done, 'jobs/failed': failures.length})
    recorder?.artifact('plan.yml', await planText(sweep))
    return {
      name: sweep.name,
      folder: sweep.folder,
      jobs: sweep.jobs.length,
      done,
      ran,
      failures,
      blocked,
      isCancelled,
      files: tabulated?.files ?? [],
      table: tabulated?.text ?? '',
    }
  }

  private tellRun({folder, jobs, done, ran, failures, blocked, isCancelled, files, table}: SweepRun): void {
    if (table) this.log(`${table}\n`)
    this.log(`${done} of ${jobs} jobs are done, ${ran} of them now`)
    for (const {name, reason} of failures)
      this.log(`Failed: ${printableLine(name)}: ${printableLine(reason)}`)
    if (blocked.length > 0)
      this.log(
        `Not run, for what they need failed: ${blocked.slice(0, 5).map(printableLine).join(', ')}${blocked.length > 5 ? `, and ${blocked.length - 5} more` : ''}`,
      )
    if (isCancelled) this.log('Cancelled.')
    if (done < jobs) this.log(`Go on with: abd sweep resume ${printableLine(folder)}`)
    if (files.length > 0) this.log(`Wrote ${files.map(printableLine).join(', ')}`)
  }
}

/** What the flags say, for processes that look at MLflow's variables. */
const trackingEnvironment = ({mlflow, experiment}: TrackingFlags): Record<string, string> => ({
  ...(mlflow === undefined ? {} : {MLFLOW_TRACKING_URI: mlflow}),
  ...(experiment === undefined ? {} : {MLFLOW_EXPERIMENT_NAME: experiment}),
})

/** `123_4` in a task of an array, `123` in another job of Slurm. */
function slurmTask(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const {SLURM_ARRAY_JOB_ID: array, SLURM_ARRAY_TASK_ID: task, SLURM_JOB_ID: job} = environment
  return array !== undefined && task !== undefined ? `${array}_${task}` : job
}

const numbered = (count: number): readonly string[] => Array.from({length: count}, (_, i) => `${i}`)

async function planText({folder}: Sweep): Promise<string> {
  const {readFile} = await import('node:fs/promises')
  return readFile(`${folder}/plan.yml`, 'utf8')
}
