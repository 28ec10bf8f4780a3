import {z} from 'zod'

/** The option that weighs one loss of a synthesis; 0 leaves it out. */
export const weight = z.number().min(0).max(1e6)
