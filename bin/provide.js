// What a plugin of somebody else's shares with abd comes from abd: with a copy of its own it would compute beside the
// engine that is open. Such packages are its peer dependencies, and need not be installed where it lies.
import {registerHooks} from 'node:module'

const shared = /^(@abd\/(core|cli)|@tensorflow\/tfjs-core|zod)(\/|$)/
const here = import.meta.url
/** Where abd lies: a checkout, or the node_modules that it was installed in. */
const home = /^.*\/node_modules\//.exec(here)?.[0] ?? new URL('..', here).href

registerHooks({
  resolve: (specifier, context, next) =>
    shared.test(specifier) && !context.parentURL?.startsWith(home)
      ? next(specifier, {...context, parentURL: here})
      : next(specifier, context),
})
