import {isAbsolute, relative, sep} from 'node:path'

/** A path that is spelt one way, and that no command takes for a flag (`-x`) or a number (`2024`). */
export const plainPath = (given: string): string =>
  isAbsolute(given) ? given : `.${sep}${relative('.', given)}`
