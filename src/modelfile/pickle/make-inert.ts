import type {Maker} from './makers.ts'
import {opaque} from './values.ts'

/** An object that is kept as its type and arguments: its making is known to be harmless. */
export const inert =
  (type: string): Maker =>
  (args) =>
    opaque(type, args)
