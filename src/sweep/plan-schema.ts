import {z} from 'zod'
import {Duration, Memory} from './quantities.ts'

const name = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,39}$/, 'write a name of letters, digits and _, a letter first')

const scalar = z.union([z.string(), z.number(), z.boolean()])

/** One value of a parameter: itself, or several words of a command under a label. */
export const Value = z.union([
  scalar,
  z.strictObject({
    label: z.string().min(1).describe('As it stands in names and tables'),
    words: z.array(scalar).describe('What stands in the command where {PARAMETER} is a word of its own'),
  }),
])
export type Value = z.infer<typeof Value>

/** Values by parameter, by their labels; one or several. */
const Condition = z.record(name, z.union([scalar, z.array(scalar).min(1)]))
export type Condition = z.infer<typeof Condition>

const budget = {
  time: Duration.optional().describe('What takes longer is ended, with time to keep its checkpoint: 30m, 2h'),
  cores: z.int().min(1).max(1024).optional().describe('Default 1; TensorFlow computes with so many threads'),
  memory: Memory.optional().describe('Default 2GB'),
  gpus: z.int().min(0).max(64).optional().describe('Default 0'),
}
const Budget = z.strictObject(budget)
export type Budget = z.infer<typeof Budget>

const words = z.union([
  z
    .string()
    .min(1)
    .transform((text) => text.trim().split(/\s+/)),
  z.array(scalar.transform(String)).min(1),
])

const Stage = z.strictObject({
  abd: words.optional().describe('A command of abd, without `abd`; --json is added'),
  exec: words.optional().describe('Another program and its arguments, run without a shell; prints JSON'),
  needs: z
    .union([name.transform((one) => [one]), z.array(name)])
    .default([])
    .describe('Jobs that come first; {NAME} is the folder of their files'),
  only: Condition.optional().describe('Points of the grid that it is for'),
  results: z
    .record(name, z.string().min(1))
    .optional()
    .describe('Numbers to keep, by their path in what the command prints: measured.student.asrPercent'),
  curve: z.string().optional().describe('Path of an array of points with step, epoch or at, and numbers'),
  outputs: z
    .array(z.string().min(1))
    .default([])
    .describe('Files in {out} that other jobs need, beside those of --out'),
  resume: z
    .strictObject({
      when: z.string().min(1).describe('A file in {out}'),
      words: z.array(scalar.transform(String)).min(1),
    })
    .optional()
    .describe('What is added to the command where that file is left of an interrupted one'),
  budget: Budget.optional(),
  retries: z.int().min(0).max(10).default(0).describe('How often a job that fails is tried again'),
})
export type Stage = z.infer<typeof Stage>

const Table = z.strictObject({
  title: z.string().optional(),
  job: name.optional(),
  rows: z.array(name).min(1).optional(),
  columns: z.array(name).optional(),
  values: z.array(name).min(1).optional(),
})
export type TableRequest = z.infer<typeof Table>

const Slurm = z.strictObject({
  partition: z.string().optional(),
  account: z.string().optional(),
  qos: z.string().optional(),
  atOnce: z.int().min(1).optional().describe('Jobs of one array that run at a time'),
  setup: z.array(z.string()).default([]).describe('Lines of the job script before abd: module load node'),
  options: z.array(z.string()).default([]).describe('Further options of sbatch: --constraint=h100'),
})
export type Slurm = z.infer<typeof Slurm>

/** A sweep: what is varied, what is run for each point, and what is made a table of. */
export const Plan = z.strictObject({
  version: z.literal(1),
  name: z
    .string()
    .regex(/^(?!\.*$)[\w .,()+-]{1,80}$/, 'write a name of at most 80 letters, digits, spaces and .,()+-_')
    .optional(),
  grid: z.record(name, z.array(Value).min(1)).default({}).describe('Every value with every other'),
  list: z.array(z.record(name, Value)).default([]).describe('Points beside those of the grid'),
  exclude: z.array(Condition).default([]).describe('Points that are left out'),
  seeds: z
    .array(
      z
        .int()
        .min(0)
        .max(2 ** 31 - 1),
    )
    .min(1)
    .optional()
    .describe('Values of {seed}'),
  budget: Budget.optional().describe("Of each job, where the job's own does not say otherwise"),
  jobs: z.record(name, Stage),
  tables: z.array(Table).optional(),
  slurm: Slurm.prefault({}),
})
export type Plan = z.infer<typeof Plan>
