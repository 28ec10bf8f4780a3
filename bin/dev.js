#!/usr/bin/env node
// abd from its sources, without a build: Node strips the types, '@abd/source' leads every package to its TypeScript.
import {spawnSync} from 'node:child_process'

const flags = ['--conditions=@abd/source', '--disable-warning=ExperimentalWarning']

if (flags.every((flag) => process.execArgv.includes(flag))) {
  await import('./provide.js')
  const {execute} = await import('@oclif/core/execute')
  const {settings} = await import('@oclif/core/settings')
  const {sourcePlugins} = await import('./source-plugins.ts')
  // oclif's own way from dist to the sources needs tsx and falls back to a stale dist in silence.
  settings.enableAutoTranspile = false
  await execute({
    development: true,
    dir: import.meta.url,
    loadOptions: await sourcePlugins(new URL('..', import.meta.url)),
  })
} else {
  const {status, signal} = spawnSync(process.execPath, [...flags, ...process.argv.slice(1)], {
    stdio: 'inherit',
  })
  process.exitCode = signal ? 130 : (status ?? 1)
}
