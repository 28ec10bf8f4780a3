import type {AbdPluginHook} from '@abd/cli'

/** Loaded only when a command asks for methods, so that help stays quick. */
const hook: AbdPluginHook = async () => (await import('../index.ts')).distillPlugin
export default hook
