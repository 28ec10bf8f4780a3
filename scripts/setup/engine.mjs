import {join} from 'node:path'
import {run} from './run.mjs'

/**
 * Sets up the TensorFlow engine. Without pip, a compiler or the network everything still runs on wasm: the reason is
 * printed and the job goes on.
 * @param {string} root @param {string} node @param {NodeJS.ProcessEnv} env
 */
export async function installEngine(root, node, env) {
  const {code} = await run(node, [join(root, 'bin/run.js'), 'engine', 'install'], {env})
  if (code !== 0)
    process.stdout.write(
      'engine: TensorFlow could not be set up (reason above); going on with the wasm engine, which is slower\n',
    )
}
