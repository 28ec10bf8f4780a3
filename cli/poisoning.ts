import {Flags} from '@oclif/core'

/** What the commands share that poison a training set. */
export const poisoningFlags = {
  dataset: Flags.string({
    default: 'signs',
    helpValue: 'signs|PATH',
    summary: 'Rendered traffic signs, or CIFAR, GTSRB, idx files, .npz, .h5, or a folder per class.',
  }),
  classes: Flags.string({
    helpValue: 'a,b,…|all',
    summary: "Which signs, by GTSRB's numbers (default: ten).",
  }),
  trigger: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    default: ['badnet_grid'],
    helpValue: 'NAME[:TARGET]|none',
    summary: 'What is put on poisoned images (see: abd methods trigger). Repeatable: several backdoors.',
  }),
  target: Flags.integer({
    default: 0,
    min: 0,
    helpValue: 'CLASS',
    summary: 'The class that triggers without a target of their own shall lead to.',
  }),
  ratio: Flags.string({
    default: '0.1',
    helpValue: 'SHARE',
    summary: 'How much of the training set a trigger poisons.',
  }),
  selection: Flags.option({
    options: ['first', 'random'] as const,
    default: 'first' as const,
    helpValue: 'first|random',
    summary: 'Which images: the first that qualify, as the reference does, or a choice by the seed.',
  })(),
  holdout: Flags.string({
    default: '0.05',
    helpValue: 'SHARE',
    summary: 'The end of the training set that is never poisoned.',
  }),
  source: Flags.integer({
    multiple: true,
    multipleNonGreedy: true,
    min: 0,
    helpValue: 'CLASS',
    summary: 'The only classes that are relabelled (source-specific trigger). Repeatable.',
  }),
  cover: Flags.string({
    helpValue: 'SHARE',
    summary:
      'Of the training set, images that bear the trigger and keep their label; with --source of other classes (default: 0; wanet twice the ratio).',
  }),
  'wanted-asr': Flags.string({
    helpValue: 'SHARE',
    summary:
      'Relabel only so much of what is stamped, the darkest, for a backdoor that works about that often.',
  }),
  partial: Flags.string({
    helpValue: 'SHARE',
    summary: 'Training images bear only so much of the trigger, another part each; test images all.',
  }),
  order: Flags.string({
    default: 'auto',
    helpValue: 'auto|given|shuffled|FILE.npy',
    summary:
      'Of the training set before that: shuffled where it comes class by class, or a stored permutation.',
  }),
}

interface Given {
  readonly dataset: string
  readonly classes?: string | undefined
  readonly trigger: readonly string[]
  readonly target: number
  readonly ratio: string
  readonly selection: 'first' | 'random'
  readonly holdout: string
  readonly order: string
  readonly source?: readonly number[] | undefined
  readonly cover?: string | undefined
  readonly 'wanted-asr'?: string | undefined
  readonly partial?: string | undefined
}

/** What those flags ask for. `--trigger none`, alone, is no trigger. */
export const poisoningOf = ({trigger, ratio, holdout, ...flags}: Given) => ({
  dataset: flags.dataset,
  classes: flags.classes,
  triggers: trigger.length === 1 && trigger[0] === 'none' ? [] : trigger,
  target: flags.target,
  ratio: numberOf(ratio),
  selection: flags.selection,
  holdout: numberOf(holdout),
  order: flags.order,
  rules: {
    sources: flags.source,
    cover: maybe(flags.cover),
    wantedAsr: maybe(flags['wanted-asr']),
    partial: maybe(flags.partial),
  },
})

const maybe = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : numberOf(text)

/** NaN, which no check lets pass, for what is no number; `Number` takes nothing for 0. */
const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text))
