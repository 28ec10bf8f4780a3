import type {Random} from '@abd/core/engine'

export const SIDE = 32

/** Draws an image of a class, SIDE x SIDE RGB, row by row: what differs among images of the class comes from the stream. */
export type ImageClass = (random: Random) => Uint8Array
