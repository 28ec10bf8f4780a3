#!/usr/bin/env node
// Static imports would run before this check, and an old Node would answer with a stack trace.
const needed = [22, 20]
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major > needed[0] || (major === needed[0] && minor >= needed[1])) {
  // Standard output on a full disk: oclif rethrows it where nobody can catch it.
  process.on('uncaughtException', (error) => {
    const full = error.syscall === 'write' && ['ENOSPC', 'EDQUOT', 'EIO'].includes(error.code)
    process.stderr.write(
      full
        ? `Error: Standard output cannot be written (${error.code}).\n  → Free some space, or send it elsewhere.\n`
        : `${error.stack ?? error}\n`,
    )
    process.exit(full ? 4 : 1)
  })
  // Whoever read has seen enough, as `head` has: end as a program that SIGPIPE ends. oclif would wait for what never comes.
  process.stdout.on('error', (error) => {
    if (error.code === 'EPIPE') process.exit(141)
  })
  await import('./provide.js')
  const {execute} = await import('@oclif/core/execute')
  const {settings} = await import('@oclif/core/settings')
  // Plugins that are linked run as they are; oclif would look for their TypeScript, and say that it cannot run it.
  settings.enableAutoTranspile = false
  await execute({dir: import.meta.url})
} else {
  const system = process.platform === 'win32' ? 'win' : process.platform
  process.stderr.write(
    [
      `Error: abd needs Node ${needed.join('.')} or newer; this is Node ${process.versions.node} (${process.execPath}).`,
      '  → Install Node 24 from https://nodejs.org, or with your version manager: nvm install 24, fnm install 24.',
      `  → Or run this once with a newer one: npx --yes --package=node-${system}-${process.arch}@24 -- abd --help`,
      '',
    ].join('\n'),
  )
  process.exitCode = 4
}
