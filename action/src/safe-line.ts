import {shorten, visible} from '../../src/report/visible.ts'

/**
 * Text from outside for the runner's log: one line, nothing invisible, and no workflow command of the old form (`##[error]`),
 * which a runner obeys anywhere in a line. `::` counts at the start of a line only, where we never print such text.
 */
export const safeLine = (text: string, length = 200): string =>
  shorten(visible(text).replaceAll('##[', '# #['), length)
