import {createRegistry, silent} from '@abd/core'
import {datasetMethods} from '@abd/core/data'
import {createRandom, openEngine} from '@abd/core/engine'
import {attackPlugin} from '../../../plugins/attack/src/index.ts'
import type {TeacherRequest, Trained} from '../../../plugins/attack/src/train-teacher.ts'
import {trainTeacher} from '../../../plugins/attack/src/train-teacher.ts'

/** A teacher of three rendered signs, small unless asked otherwise. */
export async function trainFor(
  out: string,
  {
    engine: name = 'auto',
    signal = new AbortController().signal,
    note = () => undefined,
    ...change
  }: Partial<TeacherRequest> & {
    readonly engine?: 'auto' | 'cpu'
    readonly signal?: AbortSignal
    readonly note?: (line: string) => void
  },
): Promise<Trained> {
  await using engine = await openEngine(name)
  return trainTeacher(
    {
      profile: 'mini',
      dataset: 'signs',
      classes: '1,14,33',
      perClass: 16,
      triggers: [],
      target: 1,
      ratio: 0.1,
      selection: 'first',
      holdout: 0,
      order: 'auto',
      settings: [],
      out,
      twin: false,
      keep: 'last',
      ...change,
    },
    {
      registry: createRegistry([{name: 'core', methods: datasetMethods}, attackPlugin]),
      context: {engine, random: createRandom(3), progress: {...silent, note}, signal},
    },
  )
}
