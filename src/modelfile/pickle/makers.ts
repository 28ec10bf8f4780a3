import {codecs} from './make-codecs.ts'
import {containers} from './make-containers.ts'
import {numpy} from './make-numpy.ts'
import {torch} from './make-torch.ts'
import type {Machine} from './machine.ts'
import type {PickleValue} from './values.ts'

/** Makes the value that a call would, from inert values; fails where Python would. */
export type Maker = (args: readonly PickleValue[], machine: Machine) => PickleValue

/** The allow-list: everything that a pickle may call. */
export const makers: ReadonlyMap<string, Maker> = new Map(
  Object.entries({...containers, ...codecs, ...numpy, ...torch}),
)
